// Where the packet log lives: control decides and writes it, capture, portal and mss read it.

export interface Storage {
  kind: 'vmhgfs' | 'virtiofs' | '9p' | 'disk' | 'system';
  /** the mount point that must be a mount of its own before a byte is written, or undefined on the system disk */
  mountPoint?: string;
  /** `<storage>/MetaFlows/<uuid>`: the only folder whose files the sensor may delete */
  dir: string;
  /** what a person calls it: "/dev/sdb (500 GB)", "shared folder nsm" */
  label: string;
  totalBytes: number;
  /** better places that were found and could not be used, and why */
  passedOver?: string[];
}
