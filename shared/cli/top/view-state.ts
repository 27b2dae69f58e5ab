/** What the user of `nodepool top` has chosen to see, and what keys do to it. Pure. */
import { scrollKeys } from '../terminal/scroll.ts';
import { PANES } from './panes/all.ts';

export interface ViewState {
  /** The pane that scrolls, and that gets the most room. */
  readonly focus: number;
  /** First row shown of each pane. May be too far: the layout knows how many there are. */
  readonly from: readonly number[];
  /** Only rows with this in them are shown. */
  readonly filter: string;
  /** The filter is being typed. */
  readonly isTyping: boolean;
  /** What is shown stays as it is. */
  readonly isPaused: boolean;
}

export const INITIAL_VIEW: ViewState = {
  ...{ focus: 0, filter: '', isTyping: false, isPaused: false },
  from: PANES.map(() => 0),
};

/** Longer ones find nothing. */
const LONGEST_FILTER = 100;

/** `page`: rows of the focused pane that are shown. `end`: the user wants to leave. */
export function press(view: ViewState, key: string, page: number): ViewState | 'end' {
  if (view.isTyping) return type(view, key);
  if (key === 'q') return 'end';
  if (key === '/') return { ...view, isTyping: true, filter: '' };
  if (key === 'escape') return { ...view, filter: '' };
  if (key === 'p') return { ...view, isPaused: !view.isPaused };
  if (key === 'tab' || key === 'right') return focused(view, 1);
  if (key === 'back-tab' || key === 'left') return focused(view, -1);
  const by = scrollKeys(key, page);
  return by === undefined ? view : scrolledBy(view, by);
}

function type(view: ViewState, key: string): ViewState {
  if (key === 'enter') return { ...view, isTyping: false };
  if (key === 'escape') return { ...view, isTyping: false, filter: '' };
  if (key === 'backspace')
    return { ...view, filter: Array.from(view.filter).slice(0, -1).join('') };
  // Names of keys are longer than what types itself.
  if (Array.from(key).length !== 1 || view.filter.length >= LONGEST_FILTER) return view;
  return { ...view, filter: view.filter + key };
}

function focused(view: ViewState, by: number): ViewState {
  return { ...view, focus: (view.focus + by + PANES.length) % PANES.length };
}

function scrolledBy(view: ViewState, by: number): ViewState {
  const from = view.from.map((one, i) => (i === view.focus ? Math.max(0, one + by) : one));
  return { ...view, from };
}
