import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, StreamFramer } from '../../src/syslog-x/framing.ts';

/** Feeds the chunks one by one. */
function frame(chunks: (string | Buffer)[]) {
  const messages: string[] = [];
  const counts = { truncatedMessages: 0, truncatedBytes: 0, misframedMessages: 0 };
  const framer = new StreamFramer((bytes) => messages.push(bytes.toString()), counts);
  for (const chunk of chunks) framer.push(Buffer.from(chunk));
  framer.end();
  return { messages, ...counts };
}

/** The bytes in pieces cut at the given places. */
const cut = (stream: string, places: number[]): Buffer[] => {
  const bytes = Buffer.from(stream);
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

test('octet counting carries line ends inside a message, lines do not', () => {
  expect(frame(['8 <13>a\nb\n7 <13>c\nd'])).toMatchObject({
    messages: ['<13>a\nb\n', '<13>c\nd'],
    misframedMessages: 0,
  });
  expect(frame(['<13>a\n<13>b\r\n<13>c']).messages).toEqual(['<13>a', '<13>b\r', '<13>c']);
});

test('a line that starts with a number is no count', () => {
  for (const line of ['2026-11-24 x', '17 apples', '1 2 <3>', '12345678901 <13>x', '0 <13>x', ' 5 <13>x']) {
    expect(frame([`${line}\n`, 'next\n'])).toMatchObject({ messages: [line, 'next'], misframedMessages: 0 });
  }
});

test('uncounted line ends between counted messages are passed over', () => {
  expect(frame(['5 <13>a\n5 <13>b\r\n']).messages).toEqual(['<13>a', '<13>b']);
});

test('a broken count costs one line, is counted, and the next count is read again', () => {
  expect(frame(['5 <13>a', 'oops <13>b\n5 <13>c'])).toMatchObject({
    messages: ['<13>a', 'oops <13>b', '<13>c'],
    misframedMessages: 1,
  });
});

test('what is too long is cut, and what was cut is counted', () => {
  const long = `<13>${'x'.repeat(MAX_MESSAGE_BYTES + 1000)}`;
  const { messages, ...counts } = frame([long.slice(0, 50_000), long.slice(50_000), '\n<13>after\n']);
  expect(messages.map((message) => message.length)).toEqual([MAX_MESSAGE_BYTES, 9]);
  expect(counts).toEqual({ truncatedMessages: 1, truncatedBytes: 1004, misframedMessages: 0 });

  const counted = frame([`9999999999 <13>${'x'.repeat(100_000)}`]);
  expect(counted.messages[0].length).toBe(MAX_MESSAGE_BYTES);
  expect(counted.truncatedBytes).toBe(100_004 - MAX_MESSAGE_BYTES);
});

test('the same messages come out wherever the stream is cut', () => {
  const message = fc.string({ maxLength: 40 }).map((text) => `<13>${text.replaceAll('\n', ' ')}`);
  fc.assert(
    fc.property(fc.array(message, { minLength: 1 }), fc.boolean(), fc.array(fc.nat()), (sent, counted, places) => {
      const stream = sent.map((text) => (counted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`)).join('');
      expect(frame(cut(stream, places))).toEqual({
        messages: sent,
        truncatedMessages: 0,
        truncatedBytes: 0,
        misframedMessages: 0,
      });
    }),
  );
});

test('any bytes at all: no throw, and no more bytes out than in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('', '5 <13>a'), (bytes, head) => {
      const { messages } = frame([head, Buffer.from(bytes)]);
      expect(messages.length).toBeLessThanOrEqual(bytes.length + 2);
    }),
  );
});
