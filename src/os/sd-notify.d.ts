// Types of the sd-notify package, which ships none. See sd_notify(3).
declare module 'sd-notify' {
  const notify: {
    ready(): void;
    watchdog(): void;
    sendState(state: string): void;
    sendStatus(text: string): void;
  };
  export default notify;
}
