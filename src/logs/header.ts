// What the grammars find in front of a message's text.

export interface LogHeader {
  timeUs?: number;
  severity?: number;
  host?: string;
  app?: string;
  procId?: string;
  msgId?: string;
  structuredData?: Record<string, Record<string, string>>;
  /** where the message's own text starts */
  end: number;
}
