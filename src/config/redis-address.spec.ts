import { InvalidRedisAddressError, parseRedisAddress } from './redis-address.js';

describe('parseRedisAddress', () => {
  it('passes the address of a single server to the client', () => {
    const url = 'rediss://eco:p%40ss@cache.example:6380/3?family=6';
    expect(parseRedisAddress(url)).toEqual({ topology: 'standalone', url });
  });

  it('reads sentinels, primary name, credentials and database', () => {
    expect(parseRedisAddress('redis-sentinel://eco:p%40s%3As@s1:26380,[::1],10.0.0.3:1/my-master/2')).toEqual({
      topology: 'sentinel',
      sentinels: [
        { host: 's1', port: 26_380 },
        { host: '::1', port: 26_379 },
        { host: '10.0.0.3', port: 1 },
      ],
      master: 'my-master',
      db: 2,
      username: 'eco',
      password: 'p@s:s',
      tls: false,
    });
  });

  it('reads the nodes of a Cluster', () => {
    expect(parseRedisAddress('rediss-cluster://:secret@n1,n2:7000/0')).toEqual({
      topology: 'cluster',
      nodes: [
        { host: 'n1', port: 6_379 },
        { host: 'n2', port: 7_000 },
      ],
      username: undefined,
      password: 'secret',
      tls: true,
    });
  });

  it.each([
    ['another scheme', 'http://host', /must be redis:/],
    ['a scheme similar to a valid one', 'redis+cluster://host', /must be redis:/],
    ['no host', 'redis-cluster://', /host:port/],
    ['blanks between hosts', 'redis-cluster://n1:1, n2:1', /without spaces/],
    ['an invalid port', 'redis-cluster://n1:70000', /1 to 65535/],
    ['a Cluster with a database', 'redis-cluster://n1:1/3', /only one; remove the path/],
    ['sentinels without the name of the primary', 'redis-sentinel://s1:26379', /name of the primary/],
    ['an invalid database', 'redis-sentinel://s1/mymaster/x', /name of the primary/],
    ['a password with a bare percent sign', 'redis-cluster://:50%@n1:1', /percent-encode/],
    ['one server with a database that is none', 'redis://host/x', /must be redis:.*\/0,/],
    ['one server with a path after the database', 'redis://host/0/x', /must be redis:/],
    ['one server at several hosts', 'redis://n1:1,n2:2', /redis-sentinel:\/\/host1:26379,host2/],
  ])('rejects %s with a remedy', (_, text, hint) => {
    expect(() => parseRedisAddress(text)).toThrow(InvalidRedisAddressError);
    expect(() => parseRedisAddress(text)).toThrow(hint);
  });

  it('quotes no part of a rejected address', () => {
    try {
      parseRedisAddress('redis-cluster://eco:hunter2@n1:1/9');
    } catch (error) {
      expect(String(error)).not.toMatch(/hunter2|eco|n1/);
    }
    expect.assertions(1);
  });
});
