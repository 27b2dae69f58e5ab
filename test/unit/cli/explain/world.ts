/** Facts and answers of launchers for tests of `nodepool explain`; each builder fills in the rest. */
import type {
  ExplainedNode,
  ExplainedReason,
  ExplainedServing,
  Gap,
  LauncherExplanation,
  PoolAnswer,
} from '../../../../schemas/explanation.ts';
import type { ComponentRecord } from '../../../../schemas/records/component.ts';
import { newNode, type NodeRecord } from '../../../../schemas/records/node.ts';
import { newRequest, type RequestRecord } from '../../../../schemas/records/request.ts';
import type { LauncherAnswer } from '../../../../shared/cli/explain/ask.ts';
import { explain } from '../../../../shared/cli/explain/explanation.ts';
import type { Facts } from '../../../../shared/cli/explain/facts.ts';
import type { NodeView, RequestView } from '../../../../shared/web/source.ts';

/** Unix seconds of the explanation. */
export const NOW = 1_800_000_000;
export const ID = '200-0000000012';

export function requestView(fields: Partial<RequestRecord> = {}, id = ID): RequestView {
  return {
    id,
    record: newRequest(
      {
        node_types: ['small'],
        requestor: 'zuul',
        tenant_name: 'acme',
        event_id: 'e1e1',
        created_time: NOW - 725,
        ...fields,
      },
      NOW - 725,
    ),
  };
}

export function facts(fields: Partial<Facts> & { record?: Partial<RequestRecord> } = {}): Facts {
  const { record, ...rest } = fields;
  return {
    request: requestView(record),
    isLocked: false,
    earlier: [],
    nodes: [],
    pools: [component()],
    launchers: [],
    ...rest,
  };
}

/** Pool `cloud-main` of `host-a`, with label `small`. */
export function component(fields: Partial<ComponentRecord> = {}): ComponentRecord {
  return {
    hostname: 'host-a',
    kind: 'pool',
    state: 'running',
    version: '1',
    model_api: 0,
    id: 'own',
    name: 'main',
    provider_name: 'cloud',
    supported_labels: ['small'],
    priority: 100,
    paused: false,
    ...fields,
  };
}

export function node(id: string, fields: Partial<NodeRecord> = {}): NodeView {
  const record = newNode(
    { state: 'building', provider: 'cloud', pool: 'main', type: ['small'], ...fields },
    NOW - 61,
  );
  return { id, record, isLocked: true };
}

/** `host-a`, with its pool `cloud-main`. */
export function answered(
  fields: Partial<LauncherExplanation> = {},
  url = 'http://host-a:8005',
): LauncherAnswer {
  return {
    hostname: 'host-a',
    url,
    status: 'answered',
    problem: undefined,
    explanation: {
      launcher: 'host-a',
      is_current: true,
      is_busy: false,
      request: ID,
      state: 'requested',
      serving: null,
      pools: [],
      absent: [],
      ...fields,
    },
  };
}

export function silent(hostname: string): LauncherAnswer {
  return {
    hostname,
    url: `http://${hostname}:8005`,
    status: 'cannot-be-asked',
    problem: 'it answers 404, as Python’s launchers do',
    explanation: undefined,
  };
}

export function pool(fields: Partial<PoolAnswer> = {}): PoolAnswer {
  return {
    id: 'own',
    provider: 'cloud',
    pool: 'main',
    answer: 'defer',
    reasons: [],
    since: NOW - 720,
    before: { count: 0, requests: [] },
    ...fields,
  };
}

export function reason(code: string, text: string, missing: Gap[] = []): ExplainedReason {
  return { code, text, missing };
}

export const cores: Gap = { of: 'pool', resource: 'cores', need: 4, left: 1 };

export function serving(
  nodes: readonly Partial<ExplainedNode>[],
  fields: Partial<ExplainedServing> = {},
): ExplainedServing {
  return {
    id: 'own',
    provider: 'cloud',
    pool: 'main',
    since: NOW - 90,
    before: { count: 0, requests: [] },
    nodes: nodes.map((one) => ({
      label: 'small',
      phase: 'creating',
      since: NOW - 61,
      node: null,
      attempt: null,
      attempts: 3,
      problem: null,
      missing: [],
      ...one,
    })),
    ...fields,
  };
}

/** What comes of it at `NOW`. */
export function explained(
  known: Facts = facts(),
  answers: readonly LauncherAnswer[] = [],
): ReturnType<typeof explain> {
  return explain(known, answers, NOW);
}
