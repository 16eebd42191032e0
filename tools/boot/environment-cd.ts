// The CD that vCenter attaches to a deployed OVF with transport "iso": ovf-env.xml (DSP0243, 11, "OVF environment").
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../shell.ts';

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The document; keys get the product section's class in front, as a deployed property has it: `mss.home-net`. */
export function renderOvfEnvironment(answers: Readonly<Record<string, string>>): string {
  const properties = Object.entries(answers).map(
    ([key, value]) => `    <Property oe:key="mss.${escapeXml(key)}" oe:value="${escapeXml(value)}"/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="">
  <PlatformSection>
    <Kind>QEMU</Kind>
    <Version>1</Version>
    <Vendor>test</Vendor>
    <Locale>en</Locale>
  </PlatformSection>
  <PropertySection>
${properties.join('\n')}
  </PropertySection>
</Environment>
`;
}

/** Makes the CD in `runDir`; its path. */
export async function makeEnvironmentCd(answers: Readonly<Record<string, string>>, runDir: string): Promise<string> {
  const folder = join(runDir, 'answers');
  const image = join(runDir, 'answers.iso');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ovf-env.xml'), renderOvfEnvironment(answers));
  await run('genisoimage', ['-quiet', '-J', '-r', '-V', 'OVF ENV', '-o', image, folder]);
  return image;
}
