/**
 * For each alert what makes it fire, and the nearest thing that must not. Values are in promtool's
 * notation (prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules), one a minute:
 * `1x60` stays 1 for an hour, `0+5x60` grows by 5 each minute.
 */
export interface Scene {
  readonly series: Readonly<Record<string, string>>;
  /** When to look, after the beginning. */
  readonly at: string;
}

export interface RuleCase {
  readonly alert: string;
  readonly fires: Scene;
  /** Each one for itself. */
  readonly silent: readonly Scene[];
}

const launcher = 'nodepool_info{program="launcher",job="np",instance="a"}';
const up = 'up{job="np",instance="a"}';

function both(
  alert: string,
  at: string,
  pair: { fires: Scene['series']; silent: Scene['series'] },
): RuleCase {
  return { alert, fires: { series: pair.fires, at }, silent: [{ series: pair.silent, at }] };
}

const waits = (le: string): string => `nodepool_request_wait_seconds_bucket{le="${le}"}`;
const zookeeper = (le: string): string =>
  `nodepool_zookeeper_request_seconds_bucket{instance="a",le="${le}"}`;
const launches = (result: string): string =>
  `nodepool_launch_by_provider{provider="p",result="${result}"}`;
const calls = (result: string): string =>
  `nodepool_cloud_call_seconds_count{provider="p",result="${result}"}`;
/** The notation has none that is repeated. */
const INFINITE = Array.from({ length: 90 }, () => 'Inf').join(' ');
const upload = 'builder="b",image="i",provider="p"';

const processes: readonly RuleCase[] = [
  both('NodepoolNoLauncher', '3m', {
    fires: { 'nodepool_info{program="builder"}': '1x60' },
    silent: { [launcher]: '1x60' },
  }),
  {
    alert: 'NodepoolDown',
    fires: { series: { [up]: '1x10 0x60', [launcher]: '1x10 _x60' }, at: '17m' },
    silent: [
      // Not yet; and what is no Nodepool's.
      { series: { [up]: '1x10 0x60', [launcher]: '1x10 _x60' }, at: '14m' },
      { series: { 'up{job="other",instance="a"}': '0x60', [launcher]: '1x60' }, at: '17m' },
    ],
  },
  both('NodepoolRestarts', '20m', {
    fires: {
      'process_start_time_seconds{job="np",instance="a"}': '1 2 3 4 4x60',
      [launcher]: '1x60',
    },
    silent: {
      'process_start_time_seconds{job="np",instance="a"}': '1 2 3 3 3x60',
      [launcher]: '1x60',
    },
  }),
  {
    alert: 'NodepoolEventLoopBlocked',
    fires: {
      series: {
        'nodejs_eventloop_lag_p99_seconds{job="np",instance="a"}': '2x60',
        [launcher]: '1x60',
      },
      at: '6m',
    },
    silent: [
      {
        series: {
          'nodejs_eventloop_lag_p99_seconds{job="np",instance="a"}': '0.9x60',
          [launcher]: '1x60',
        },
        at: '6m',
      },
      // Another program of Node's.
      {
        series: {
          'nodejs_eventloop_lag_p99_seconds{job="web",instance="a"}': '9x60',
          [launcher]: '1x60',
        },
        at: '6m',
      },
    ],
  },
  both('NodepoolZooKeeperDisconnected', '2m', {
    fires: {
      'nodepool_zookeeper_state{instance="a",state="connected"}': '0x60',
      'nodepool_zookeeper_state{instance="a",state="connecting"}': '1x60',
    },
    silent: {
      'nodepool_zookeeper_state{instance="a",state="connected"}': '1x60',
      'nodepool_zookeeper_state{instance="a",state="connecting"}': '0x60',
    },
  }),
  both('NodepoolZooKeeperSessionsLost', '1h', {
    fires: { nodepool_zookeeper_sessions_lost_total: '0 0 1 2 3 4x60' },
    silent: { nodepool_zookeeper_sessions_lost_total: '7x10 8x60' },
  }),
  both('NodepoolZooKeeperSlow', '20m', {
    fires: {
      [zookeeper('0.25')]: '0+50x60',
      [zookeeper('1')]: '0+60x60',
      [zookeeper('+Inf')]: '0+60x60',
    },
    silent: {
      [zookeeper('0.25')]: '0+60x60',
      [zookeeper('1')]: '0+60x60',
      [zookeeper('+Inf')]: '0+60x60',
    },
  }),
];

const requests: readonly RuleCase[] = [
  {
    alert: 'NodepoolRequestsNotServed',
    fires: {
      series: {
        'nodepool_requests{state="requested"}': '5x90',
        nodepool_request_wait_seconds_count: '0+10x10 100x80',
      },
      at: '45m',
    },
    silent: [
      {
        series: {
          'nodepool_requests{state="requested"}': '500x90',
          nodepool_request_wait_seconds_count: '0+1x90',
        },
        at: '45m',
      },
      // A quiet night.
      {
        series: {
          'nodepool_requests{state="requested"}': '0x90',
          nodepool_request_wait_seconds_count: '100x90',
        },
        at: '45m',
      },
    ],
  },
  both('NodepoolRequestsWaitLong', '40m', {
    fires: { [waits('900')]: '0+8x60', [waits('3600')]: '0+10x60', [waits('+Inf')]: '0+10x60' },
    silent: { [waits('900')]: '0+10x60', [waits('3600')]: '0+10x60', [waits('+Inf')]: '0+10x60' },
  }),
  {
    alert: 'NodepoolLaunchesFail',
    fires: {
      series: { [launches('ready')]: '0+1x60', [launches('error.keyscan')]: '0+2x60' },
      at: '40m',
    },
    silent: [
      {
        series: { [launches('ready')]: '0+2x60', [launches('error.keyscan')]: '0+1x60' },
        at: '40m',
      },
      // A cloud that is full is no fault of it.
      { series: { [launches('ready')]: '0+1x60', [launches('error.quota')]: '0+9x60' }, at: '40m' },
      // Nothing is launched.
      { series: { [launches('ready')]: '1x60', [launches('error.keyscan')]: '9x60' }, at: '40m' },
    ],
  },
];

const clouds: readonly RuleCase[] = [
  both('NodepoolProviderAbsent', '11m', {
    fires: {
      'nodepool_provider_up{provider="p",instance="a"}': '1x60',
      'nodepool_provider_up{provider="p",instance="b"}': '0x60',
    },
    silent: { 'nodepool_provider_up{provider="p",instance="a"}': '1x60' },
  }),
  {
    alert: 'NodepoolQuotaExhausted',
    fires: {
      series: {
        'nodepool_provider_quota_used{provider="p",resource="cores"}': '100x90',
        'nodepool_provider_quota_limit{provider="p",resource="cores"}': '100x90',
        'nodepool_requests_waiting{provider="p",pool="main",answer="defer",reason="quota"}': '3x90',
      },
      at: '70m',
    },
    silent: [
      // Full, and nobody minds.
      {
        series: {
          'nodepool_provider_quota_used{provider="p",resource="cores"}': '100x90',
          'nodepool_provider_quota_limit{provider="p",resource="cores"}': '100x90',
          'nodepool_requests_waiting{provider="q",pool="main",answer="defer",reason="quota"}':
            '3x90',
        },
        at: '70m',
      },
      // No limit.
      {
        series: {
          'nodepool_provider_quota_used{provider="p",resource="cores"}': '100x90',
          'nodepool_provider_quota_limit{provider="p",resource="cores"}': INFINITE,
          'nodepool_requests_waiting{provider="p",pool="main",answer="defer",reason="quota"}':
            '3x90',
        },
        at: '70m',
      },
    ],
  },
  both('NodepoolCloudErrors', '40m', {
    fires: { [calls('ok')]: '0+10x60', [calls('NP_CLOUD_TRANSIENT')]: '0+3x60' },
    silent: { [calls('ok')]: '0+10x60', [calls('NP_CLOUD_TRANSIENT')]: '0+1x60' },
  }),
  both('NodepoolDeletionsFail', '40m', {
    fires: { 'nodepool_deletions{provider="p",state="failing"}': '6x60' },
    silent: {
      'nodepool_deletions{provider="p",state="failing"}': '5x60',
      'nodepool_deletions{provider="p",state="running"}': '50x60',
    },
  }),
  both('NodepoolLeaksStay', '1h', {
    fires: { 'nodepool_leak_deletions_failed_total{provider="p",kind="instances"}': '0+1x60' },
    silent: { 'nodepool_leak_deletions_failed_total{provider="p",kind="instances"}': '0+1x8 8x60' },
  }),
  both('NodepoolLeaksGrow', '1h', {
    fires: { 'nodepool_leaked_total{provider="p",kind="instances"}': '0+1x60' },
    silent: { 'nodepool_leaked_total{provider="p",kind="instances"}': '0+1x15 15x60' },
  }),
];

/** Time begins at 0, in Unix seconds, and an hour has passed when they are looked at. */
const images: readonly RuleCase[] = [
  both('NodepoolImageOld', '2h', {
    fires: { 'nodepool_image_build_last_success_timestamp_seconds{image="i"}': '-300000x180' },
    silent: { 'nodepool_image_build_last_success_timestamp_seconds{image="i"}': '-200000x180' },
  }),
  both('NodepoolBuildFails', '3h', {
    fires: { 'nodepool_dib_image_build_result_code{image="i",ext="status"}': '1x240' },
    silent: { 'nodepool_dib_image_build_result_code{image="i",ext="status"}': '1x100 0x240' },
  }),
  both('NodepoolUploadMissing', '20m', {
    fires: {
      'nodepool_image_build_last_success_timestamp_seconds{image="i"}': '50000x60',
      'nodepool_image_upload_last_success_timestamp_seconds{image="i",provider="p"}': '10000x60',
      'nodepool_image_upload_last_success_timestamp_seconds{image="i",provider="q"}': '50100x60',
    },
    silent: {
      'nodepool_image_build_last_success_timestamp_seconds{image="i"}': '50000x60',
      'nodepool_image_build_last_success_timestamp_seconds{image="j"}': '90000x60',
      'nodepool_image_upload_last_success_timestamp_seconds{image="i",provider="p"}': '40000x60',
      'nodepool_image_upload_last_success_timestamp_seconds{image="i",provider="q"}': '50100x60',
    },
  }),
  {
    alert: 'NodepoolUploadStuck',
    fires: {
      series: {
        [`nodepool_builder_upload_state{${upload}}`]: '2x200',
        [`nodepool_builder_upload_rate{${upload}}`]: '0x200',
      },
      at: '130m',
    },
    silent: [
      {
        series: {
          [`nodepool_builder_upload_state{${upload}}`]: '2x200',
          [`nodepool_builder_upload_rate{${upload}}`]: '0x100 1000x100',
        },
        at: '130m',
      },
      {
        series: {
          [`nodepool_builder_upload_state{${upload}}`]: '0x200',
          [`nodepool_builder_upload_rate{${upload}}`]: '0x200',
        },
        at: '130m',
      },
    ],
  },
];

export const ruleCases: readonly RuleCase[] = [...processes, ...requests, ...clouds, ...images];
