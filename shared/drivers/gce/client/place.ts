/** Where machines are. */
export interface GcePlace {
  readonly project: string;
  readonly zone: string;
  readonly region: string;
}
