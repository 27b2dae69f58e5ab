/** What a grid is told. Types alone. */
import type { Child } from './dom.js';

export interface Column<T> {
  /** Name of the order in the address, too. */
  readonly key: string;
  readonly title: string;
  /** Of CSS. */
  readonly width: string;
  /** Classes: `mono`, `number`, and for what has no room everywhere `wide-only`, `desk-only`. */
  readonly kind?: string;
  /** It cannot be ordered by. */
  readonly isFixed?: boolean;
  readonly text?: (row: T) => string;
  /** Instead of `text`. The cell is drawn again and again. */
  readonly fill?: (cell: HTMLTableCellElement, row: T) => void;
  /** Instead of the title. */
  readonly head?: () => Child;
}

export interface GridOptions<T> {
  /** Also the beginning of ids. */
  readonly name: string;
  /** For who does not see it. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly emptyText: string;
  readonly onOpen: (id: string, isByKey: boolean) => void;
  readonly onOrder: (key: string) => void;
}
