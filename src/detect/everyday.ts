// Services that most networks use all day, by the name they are asked for. What comes from there is no sign of anything;
// a list of names can be abused, so it excuses the weak signs only, never an alert.

const EVERYDAY =
  /(^|\.)(windowsupdate\.com|microsoft\.com|msftconnecttest\.com|office\.com|office365\.com|windows\.com|live\.com|azureedge\.net|google\.com|googleapis\.com|gstatic\.com|googlevideo\.com|gvt1\.com|youtube\.com|apple\.com|icloud\.com|mozilla\.(org|net|com)|firefox\.com|debian\.org|ubuntu\.com|fedoraproject\.org|archlinux\.org|adobe\.com|digicert\.com|letsencrypt\.org|ntp\.org|akamaiedge\.net|akamai\.net|cloudfront\.net|fbcdn\.net|facebook\.com|whatsapp\.(com|net))\.?$/i;

/** Whether a host name is that of an everyday service. */
export const isEveryday = (name: string): boolean => EVERYDAY.test(name);

/** A literal address where a name is expected. */
export const isAddressLiteral = (name: string): boolean => /^\[?([\d.]+|[\da-f]*:[\da-f:.]+)\]?(:\d+)?$/i.test(name);
