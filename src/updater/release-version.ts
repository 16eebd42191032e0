// Version numbers of releases: "2.0.0", "2.1.0-rc.1". Precedence as in Semantic Versioning 2.0.0, section 11.

const VERSION = /^\d{1,9}(\.\d{1,9}){0,3}(-[0-9A-Za-z.-]{1,64})?$/;

export const isVersion = (text: string): boolean => VERSION.test(text);

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`; missing parts are zero. */
export function compareVersions(a: string, b: string): number {
  const [numbersA, preA] = split(a);
  const [numbersB, preB] = split(b);
  for (let i = 0; i < 4; i++) {
    const difference = Number(numbersA[i] ?? 0) - Number(numbersB[i] ?? 0);
    if (difference !== 0) return difference;
  }
  // a release candidate comes before its release
  if (preA === undefined || preB === undefined) return Number(preA === undefined) - Number(preB === undefined);
  return comparePrerelease(preA.split('.'), preB.split('.'));
}

function split(version: string): [string[], string | undefined] {
  const dash = version.indexOf('-');
  return dash === -1 ? [version.split('.'), undefined] : [version.slice(0, dash).split('.'), version.slice(dash + 1)];
}

function comparePrerelease(a: string[], b: string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] === b[i]) continue;
    const isNumberA = /^\d+$/.test(a[i]);
    const isNumberB = /^\d+$/.test(b[i]);
    if (isNumberA && isNumberB && Number(a[i]) !== Number(b[i])) return Number(a[i]) - Number(b[i]);
    // numbers come before words
    if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
    return a[i] < b[i] ? -1 : 1;
  }
  return a.length - b.length;
}
