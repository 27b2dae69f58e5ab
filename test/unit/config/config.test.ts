import assert from 'node:assert/strict';

import { compareConfigs } from '../../../shared/config/changes.ts';
import { connectString } from '../../../shared/config/zookeeper.ts';
import { findings, good, loadText } from './load-text.ts';

describe('a configuration', () => {
  it('has the defaults of the original', () => {
    const config = good('labels: []');
    assert.deepEqual(config.webapp, { port: 8005, listenAddress: '0.0.0.0' });
    assert.deepEqual(config.zookeeper, { servers: [], tls: undefined, timeoutSeconds: 10 });
    assert.equal(config.maxHoldAgeSeconds, Infinity);
    assert.equal(config.buildLogDir, '/var/log/nodepool/builds');
    assert.equal(config.buildLogRetention, 7);
    assert.deepEqual(config.extensions.intervals, {
      configCheckSeconds: 5,
      cleanupSeconds: 60,
      deleteSeconds: 5,
      requestLockAgeSeconds: 28_800,
      cloudPollSeconds: 1,
      resyncSeconds: 60,
      imageCheckSeconds: 300,
      buildCheckSeconds: 10,
      uploadCheckSeconds: 10,
    });
    assert.equal(config.extensions.stopGraceSeconds, 30);
    assert.equal(config.extensions.uploadWorkers, 4);
  });

  it('cannot be changed', () => {
    const config = good(
      'labels: [{name: a}]\nproviders: [{name: fake, cloud: c, pools: [{name: p}]}]',
    );
    const labels = config.labels as Map<string, unknown>;
    assert.throws(() => labels.set('b', {}), TypeError);
    assert.throws(() => labels.delete('a'), TypeError);
    assert.throws(() => {
      labels.clear();
    }, TypeError);
    const pool = config.providers.get('fake')?.pools[0] as { priority: number } | undefined;
    assert.throws(() => {
      if (pool) pool.priority = 1;
    }, TypeError);
  });

  it('holds no node for ever or for a negative time', () => {
    assert.equal(good('max-hold-age: 60').maxHoldAgeSeconds, 60);
    assert.equal(good('max-hold-age: 0').maxHoldAgeSeconds, Infinity);
    assert.equal(good('max-hold-age: -5').maxHoldAgeSeconds, Infinity);
  });

  it('names tenant limits as quotas do, unknown ones as they stand', () => {
    const { tenantLimits } = good(`tenant-resource-limits:
- {tenant-name: a, max-servers: 1, max-cores: 2, max-ram: 3, max-volumes: 4, max-volume-gb: 5, L-1: 6}
- {tenant-name: b, max-cores: 1}
- {tenant-name: b, max-ram: 1}
`);
    assert.deepEqual(tenantLimits.get('a'), {
      instances: 1,
      cores: 2,
      ram: 3,
      volumes: 4,
      'volume-gb': 5,
      'L-1': 6,
    });
    assert.deepEqual(tenantLimits.get('b'), { ram: 1 });
  });

  it('takes the last of labels of one name, with a warning', () => {
    const loaded = loadText('labels: [{name: a, min-ready: 1}, {name: a, min-ready: 2}]');
    assert.equal(loaded.config?.labels.get('a')?.minReady, 2);
    assert.equal(findings(loaded, 'warning').length, 1);
  });

  it('takes values from the environment', () => {
    const config = good('webapp: {port: %(NODEPOOL_PORT)}', {
      environment: { NODEPOOL_PORT: '8080' },
    });
    assert.equal(config.webapp.port, 8080);
  });
});

describe('the places of what is configured', () => {
  const text = `labels: [{name: small}, {name: large}]
providers:
  - name: first
    driver: static
    pools: []
  - name: second
    cloud: c
    cloud-images: [{name: debian}]
    pools:
      - name: main
        labels:
          - {name: small, cloud-image: debian, flavor-name: s}
          - name: large
            cloud-image: debian
            flavor-name: l
`;
  it('are file and line of providers and of labels', () => {
    const { providers } = good(text);
    const line = (place = ''): string => place.replace(/^.*:/, '');
    assert.deepEqual(
      [...providers.values()].map(({ place }) => line(place)),
      ['3', '6'],
    );
    const labels = [...(providers.get('second')?.pools[0]?.labels.values() ?? [])];
    assert.deepEqual(
      labels.map(({ place }) => line(place)),
      ['12', '13'],
    );
    assert.match(providers.get('first')?.place ?? '', /main\.yaml:3$/);
  });

  it('are no reason to start a provider anew', () => {
    const changes = compareConfigs(good(text), good(`# A line more.\n${text}`));
    assert.deepEqual(changes.providersChanged, []);
  });
});

describe('the names of uploads', () => {
  const format = (section: string): string | undefined =>
    good(`providers: [{name: p, pools: [], ${section}}]`).providers.get('p')?.imageNameFormat;

  it('are as the section says, or as the driver of the original has them', () => {
    assert.equal(format("cloud: c, image-name-format: 'x-{upload_id}'"), 'x-{upload_id}');
    assert.equal(format('cloud: c'), '{image_name}-{timestamp}');
    assert.equal(format('driver: aws, region-name: r'), '{image_name}-{timestamp}');
    assert.equal(
      format('driver: ibmvpc, region: r, vpc: v, credentials: {}'),
      'npimage-{build_id}-{upload_id}',
    );
  });
});

describe('zookeeper settings', () => {
  const main = 'zookeeper-servers: [{host: a}]\nzookeeper-tls: {cert: c, key: k, ca: a}\n';

  it('come from the main file', () => {
    const { zookeeper } = good(main);
    assert.deepEqual(zookeeper.servers, [{ host: 'a', port: 2281, chroot: undefined }]);
    assert.deepEqual(zookeeper.tls, { cert: 'c', key: 'k', ca: 'a' });
  });

  it('are replaced by those of the secure file, each as a whole', () => {
    const { zookeeper } = good(main, {
      secure: 'zookeeper-servers: [{host: s, port: 1}, {host: t}]',
    });
    assert.deepEqual(
      zookeeper.servers.map(({ host, port }) => [host, port]),
      [
        ['s', 1],
        ['t', 2281],
      ],
    );
    assert.equal(zookeeper.tls?.cert, 'c');
    const other = good(main, { secure: 'zookeeper-tls: {cert: x, key: y, ca: z}' }).zookeeper;
    assert.equal(other.servers[0]?.host, 'a');
    assert.deepEqual(other.tls, { cert: 'x', key: 'y', ca: 'z' });
  });

  it('stay where the secure file is empty or says nothing of them', () => {
    for (const secure of ['', '# nothing', 'zookeeper-servers: []', 'zookeeper-tls: {}'])
      assert.deepEqual(good(main, { secure }).zookeeper, good(main).zookeeper, secure);
  });

  it('need all three files of TLS', () => {
    const loaded = loadText(main, { secure: 'zookeeper-tls: {cert: x}' });
    assert.deepEqual(
      findings(loaded, 'error').map((line) => line.split(':')[0]),
      ['zookeeper-tls.key', 'zookeeper-tls.ca'],
    );
  });

  it('warn of a chroot that is not on the last server', () => {
    const loaded = loadText('zookeeper-servers: [{host: a, chroot: /x}, {host: b}]');
    assert.equal(findings(loaded, 'warning').length, 1);
  });

  it('make a connect string, IPv6 addresses in brackets', () => {
    const { servers } = good(
      'zookeeper-servers: [{host: "::1"}, {host: "[::2]", port: 3}, {host: a, chroot: /x}]',
    ).zookeeper;
    assert.equal(connectString(servers), '[::1]:2281,[::2]:3,a:2281/x');
  });
});

describe('extensions', () => {
  it('are read', () => {
    const { extensions } = good(`extensions:
  zookeeper: {verify-hostname: true}
  log: {format: json}
  intervals: {cleanup: 7, cloud-poll: 0.5}
  stop-grace: 0
  drivers: {fake: {create-delay: 3}}
`);
    assert.equal(extensions.zookeeper.verifyHostname, true);
    assert.equal(extensions.log.format, 'json');
    assert.equal(extensions.intervals.cleanupSeconds, 7);
    assert.equal(extensions.intervals.cloudPollSeconds, 0.5);
    assert.equal(extensions.intervals.deleteSeconds, 5);
    assert.equal(extensions.stopGraceSeconds, 0);
    assert.deepEqual(extensions.drivers, { fake: { 'create-delay': 3 } });
  });

  it('give way to the environment', () => {
    const { intervals } = good('extensions: {intervals: {cleanup: 7, resync: 8}}', {
      environment: {
        NODEPOOL_INTERVAL_CONFIG_CHECK: '1',
        NODEPOOL_INTERVAL_CLEANUP: '2',
        NODEPOOL_INTERVAL_DELETE: '3',
        NODEPOOL_INTERVAL_REQUEST_LOCK_AGE: '4',
        NODEPOOL_INTERVAL_CLOUD_POLL: '0.5',
        NODEPOOL_INTERVAL_IMAGE_CHECK: '5',
        NODEPOOL_INTERVAL_BUILD_CHECK: '6',
        NODEPOOL_INTERVAL_UPLOAD_CHECK: '7',
      },
    }).extensions;
    assert.deepEqual(intervals, {
      configCheckSeconds: 1,
      cleanupSeconds: 2,
      deleteSeconds: 3,
      requestLockAgeSeconds: 4,
      cloudPollSeconds: 0.5,
      resyncSeconds: 8,
      imageCheckSeconds: 5,
      buildCheckSeconds: 6,
      uploadCheckSeconds: 7,
    });
  });

  it('take each interval from the file, and each from its variable', () => {
    const names = 'config-check cleanup delete request-lock-age cloud-poll resync image-check'
      .split(' ')
      .concat('build-check', 'upload-check');
    const values = names.map((_, index) => index + 20);
    const section = names.map((name, index) => `${name}: ${values[index] ?? 0}`).join(', ');
    const fromFile = good(`extensions: {intervals: {${section}}}`).extensions.intervals;
    assert.deepEqual(Object.values(fromFile).toSorted(), values);
    const environment = Object.fromEntries(
      names.map((name, index) => [
        `NODEPOOL_INTERVAL_${name.toUpperCase().replaceAll('-', '_')}`,
        String(values[index]),
      ]),
    );
    assert.deepEqual(good('labels: []', { environment }).extensions.intervals, fromFile);
    const isEmpty = Object.fromEntries(Object.keys(environment).map((name) => [name, '']));
    assert.equal(
      good('labels: []', { environment: isEmpty }).extensions.intervals.deleteSeconds,
      5,
    );
  });

  it('say how many uploads there are at once, unless the environment does', () => {
    const workers = (text: string, environment: Record<string, string> = {}): number =>
      good(text, { environment }).extensions.uploadWorkers;
    assert.equal(workers('extensions: {upload-workers: 2}'), 2);
    assert.equal(workers('extensions: {upload-workers: 2}', { NODEPOOL_UPLOAD_WORKERS: '7' }), 7);
    assert.equal(workers('labels: []', { NODEPOOL_UPLOAD_WORKERS: '' }), 4);
    for (const value of ['many', '-1', '1.5']) {
      const environment = { NODEPOOL_UPLOAD_WORKERS: value };
      assert.deepEqual(loadText('labels: []', { environment }).lines, [
        'environment: NODEPOOL_UPLOAD_WORKERS: must be a whole number, 0 or more',
      ]);
    }
    assert.deepEqual(loadText('extensions: {upload-workers: 1.5}').config, undefined);
  });

  it('refuse an interval that is no time', () => {
    for (const value of ['soon', '0', '-1', 'Infinity']) {
      const loaded = loadText('labels: []', { environment: { NODEPOOL_INTERVAL_CLEANUP: value } });
      assert.deepEqual(loaded.lines, [
        'environment: NODEPOOL_INTERVAL_CLEANUP: must be a number of seconds, at least 0.01',
      ]);
    }
    assert.deepEqual(loadText('extensions: {intervals: {cleanup: 0}}').lines, [
      '1:35: extensions.intervals.cleanup: must be at least 0.01; found the number 0',
    ]);
  });

  it('refuse a format of the log that does not exist', () => {
    assert.deepEqual(loadText('extensions: {log: {format: jsn}}').lines, [
      '1:28: extensions.log.format: must be one of text, json (did you mean json?); found text "jsn"',
    ]);
  });
});
