// The descriptor against the grammar of DSP0243 and its schema DSP8023, as far as we use it: which elements follow one
// another, which attributes must be there, and that every reference leads somewhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { renderOvf } from '../../tools/image/ova.ts';
import { repoDir } from '../../tools/shell.ts';

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** What an element must have: its children's names in order, each followed by a space, and its attributes. */
const GRAMMAR: Record<string, { children: RegExp; attributes?: string[] }> = {
  Envelope: { children: /^References (\w+Section )*VirtualSystem $/ },
  References: { children: /^(File )+$/ },
  File: { children: /^$/, attributes: ['ovf:id', 'ovf:href'] },
  DiskSection: { children: /^Info (Disk )+$/ },
  Disk: { children: /^$/, attributes: ['ovf:diskId', 'ovf:capacity', 'ovf:format'] },
  NetworkSection: { children: /^Info (Network )+$/ },
  Network: { children: /^(Description )?$/, attributes: ['ovf:name'] },
  DeploymentOptionSection: { children: /^Info (Configuration )+$/ },
  Configuration: { children: /^Label Description $/, attributes: ['ovf:id'] },
  VirtualSystem: { children: /^Info (Name )?(\w+Section )+$/, attributes: ['ovf:id'] },
  OperatingSystemSection: { children: /^Info (Description )?$/, attributes: ['ovf:id'] },
  VirtualHardwareSection: { children: /^Info (System )?(Item )+(vmw:\w+ )*$/ },
  System: { children: /^(vssd:\w+ )+$/ },
  Item: { children: /^(rasd:\w+ )+$/ },
  ProductSection: {
    children:
      /^Info (Product )?(Vendor )?(Version )?(FullVersion )?(ProductUrl )?(VendorUrl )?((Category|Property) )*$/,
  },
  Property: { children: /^(Label )?(Description )?$/, attributes: ['ovf:key', 'ovf:type'] },
};

function toElements(nodes: readonly Record<string, unknown>[]): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name === undefined || name.startsWith('#') || name.startsWith('?')) return [];
    const inside = node[name] as Record<string, unknown>[];
    const text = inside.find((child) => '#text' in child)?.['#text'];
    return [
      {
        name,
        attributes: (node[':@'] ?? {}) as Record<string, string>,
        children: toElements(inside),
        text: String(text ?? ''),
      },
    ];
  });
}

const disk = { file: 'x-disk1.vmdk', fileBytes: 1, capacityBytes: 17_179_869_184 };
const template = readFileSync(join(repoDir, 'image', 'sensor.ovf'), 'utf8');
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
});

/** All elements of a document, from the root on. */
function walk(text: string): Element[] {
  const below = (element: Element): Element[] => [element, ...element.children.flatMap(below)];
  return toElements(parser.parse(text)).flatMap(below);
}

/** What is wrong with a document by the grammar, one line each. */
function judge(text: string): string[] {
  return walk(text).flatMap(({ name, attributes, children }) => {
    const rule = GRAMMAR[name];
    if (rule === undefined) return children.length > 0 ? [`${name} is not in the grammar`] : [];
    const order = children.map((child) => `${child.name} `).join('');
    const missing = (rule.attributes ?? []).filter((attribute) => attributes[attribute] === undefined);
    return [
      ...(rule.children.test(order) ? [] : [`${name} has ${order}`]),
      ...missing.map((attribute) => `${name} lacks ${attribute}`),
    ];
  });
}

describe('the descriptor', () => {
  const ovf = renderOvf(template, disk, '2.0.0');
  const elements = walk(ovf);
  const named = (name: string) => elements.filter((element) => element.name === name);
  const attributes = (name: string, attribute: string) =>
    named(name).flatMap((element) => element.attributes[attribute] ?? []);
  const texts = (name: string) => named(name).map(({ text }) => text);

  test('is well-formed, and its elements follow one another as the schema wants', () => {
    expect(XMLValidator.validate(ovf)).toBe(true);
    expect(judge(ovf)).toEqual([]);
    // the grammar sees what it is there for
    expect(judge(ovf.replace('ovf:capacity="500" ', ''))).toEqual(['Disk lacks ovf:capacity']);
    expect(judge(ovf.replace('<Info>Sizes</Info>', ''))).toHaveLength(1);
    expect(judge(ovf.replace('<References>', '<Extra><a/></Extra><References>'))).toHaveLength(2);
  });

  test('CIM elements stand in the order of their schema, each item with its name and number', () => {
    for (const { name, children } of [...named('System'), ...named('Item')]) {
      const prefix = name === 'System' ? 'vssd:' : 'rasd:';
      const names = children.map((child) => child.name);
      expect(names).toEqual([...names].sort());
      expect(new Set(names).size).toBe(names.length);
      const wanted = ['ElementName', 'InstanceID', ...(name === 'Item' ? ['ResourceType'] : [])];
      expect(names).toEqual(expect.arrayContaining(wanted.map((word) => prefix + word)));
    }
  });

  test('every reference leads to what it names', () => {
    expect(attributes('File', 'ovf:id')).toEqual(expect.arrayContaining(attributes('Disk', 'ovf:fileRef')));
    const disks = attributes('Disk', 'ovf:diskId').map((id) => `ovf:/disk/${id}`);
    expect(texts('rasd:HostResource').sort()).toEqual(disks.sort());
    expect(attributes('Network', 'ovf:name').sort()).toEqual(texts('rasd:Connection').sort());
    expect(texts('rasd:InstanceID')).toEqual(expect.arrayContaining(texts('rasd:Parent')));
    const options = attributes('Configuration', 'ovf:id');
    expect(options).toEqual(expect.arrayContaining(attributes('Item', 'ovf:configuration')));
    for (const list of [
      texts('rasd:InstanceID'),
      options,
      attributes('Property', 'ovf:key'),
      attributes('File', 'ovf:id'),
      disks,
    ]) {
      expect(new Set(list).size).toBe(list.length);
    }
  });
});
