/**
 * The dashboard as Grafana imports it (version 10 and later). Positions and ids follow from the order, so
 * that the file changes only where something changed.
 */
import { images } from './images.ts';
import type { Panel, Row } from './model.ts';
import { clouds, nodes, quotas } from './nodes.ts';
import { processes, zookeeper } from './processes.ts';
import { launches, overview, requests } from './requests.ts';

export const rows: readonly Row[] = [
  ...[overview, requests, launches, nodes, quotas],
  ...[clouds, images, zookeeper, processes],
];

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const WIDTH = 24;
const HEIGHTS = { number: 4, lines: 8, stack: 8 };

interface PanelJson {
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly [key: string]: unknown;
}

export interface Dashboard {
  readonly panels: readonly PanelJson[];
}

export function dashboard(): Dashboard {
  const made = {
    uid: 'nodepool',
    title: 'Nodepool',
    description: 'Launchers and builders of Nodepool. https://zuul-ci.org/docs/nodepool',
    tags: ['nodepool', 'zuul'],
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    schemaVersion: 39,
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    templating: { list: variables() },
    annotations: { list: [] },
    panels: panelsOf(rows),
  };
  return made;
}

function variables(): object[] {
  const choice = (name: string, label: string, query: string): object => ({
    ...{ type: 'query', name, label, datasource: DATASOURCE },
    ...{ query: { query, refId: name }, definition: query, refresh: 2, sort: 1 },
    ...{ multi: true, includeAll: true, allValue: '.*', current: { text: 'All', value: '$__all' } },
  });
  return [
    { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus' },
    choice('job', 'Job', 'label_values(nodepool_info, job)'),
    choice('instance', 'Instance', 'label_values(nodepool_info{job=~"$job"}, instance)'),
    choice(
      'provider',
      'Provider',
      'label_values(nodepool_nodes_by_provider{job=~"$job"}, provider)',
    ),
  ];
}

function panelsOf(all: readonly Row[]): PanelJson[] {
  const made: PanelJson[] = [];
  let y = 0;
  for (const { title, panels } of all) {
    made.push({
      ...{ type: 'row', id: made.length + 1, collapsed: false, panels: [] },
      ...{ title, gridPos: { x: 0, y, w: WIDTH, h: 1 } },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      if (x + panel.width > WIDTH) {
        [x, y] = [0, y + height];
        height = 0;
      }
      const h = HEIGHTS[panel.kind];
      made.push(panelJson(panel, made.length + 1, { x, y, w: panel.width, h }));
      x += panel.width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return made;
}

function panelJson(panel: Panel, id: number, gridPos: PanelJson['gridPos']): PanelJson {
  const { kind, title, description, unit, queries } = panel;
  return {
    id,
    type: kind === 'number' ? 'stat' : 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: {
      defaults: { unit, min: 0, custom: kind === 'stack' ? STACKED : {} },
      overrides: [],
    },
    options: kind === 'number' ? NUMBER_OPTIONS : LINE_OPTIONS,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: 'ABCDEFGH'.charAt(index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}

const STACKED = { fillOpacity: 40, lineWidth: 1, stacking: { mode: 'normal', group: 'A' } };
const LINE_OPTIONS = {
  legend: {
    displayMode: 'table',
    placement: 'bottom',
    showLegend: true,
    calcs: ['lastNotNull', 'max'],
  },
  tooltip: { mode: 'multi', sort: 'desc' },
};
const NUMBER_OPTIONS = { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none' };
