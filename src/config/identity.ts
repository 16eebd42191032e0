// /nsm/etc/UUID: which sensor this machine is. Shell syntax (`export sid=1`), made at first start, reset to sid=0.
import { MssError } from '../errors.ts';
import { parseExports } from './parse.ts';

export interface Identity {
  /** 0: unconfigured */
  sensorNumber: number;
  uuid: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws MssError 'config' naming what is wrong with the file */
export function parseIdentity(text: string): Identity {
  const exports = parseExports(text);
  const uuid = exports.get('uuid') ?? '';
  const sid = exports.get('sid') ?? '';
  if (!UUID.test(uuid))
    throw new MssError('config', `/nsm/etc/UUID: "${uuid}" is no uuid; "mss reset" makes a new one`);
  if (!/^\d{1,9}$/.test(sid)) throw new MssError('config', `/nsm/etc/UUID: sid="${sid}" is no sensor number`);
  return { sensorNumber: Number(sid), uuid };
}

export const renderIdentity = (identity: Identity): string =>
  `export sid=${identity.sensorNumber}\nexport uuid=${identity.uuid}\n`;
