// The names that the owner of an address gives it. Anybody can name an address as they like: it proves nothing.
import type { Facts, Provider } from './provider.ts';

const MOST_NAMES = 5;

export const reverseDns: Provider = {
  name: 'reverse-dns',
  async ask(address, outside, signal) {
    const names = await outside.reverse(address, signal);
    const facts: Facts = {};
    if (names.length > 0) facts.names = names.slice(0, MOST_NAMES).join(', ');
    return facts;
  },
};
