/**
 * Amounts as Kubernetes writes them: `2`, `500m`, `1.5Gi`, `3e2`. Pure.
 *
 * Facts: kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity.
 */
const FORM =
  /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;

const FACTORS: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** Undefined: no amount. */
export function parseQuantity(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, digits = '', exponent = '', suffix] = match;
  return Number(digits + exponent) * (suffix === undefined ? 1 : (FACTORS[suffix] ?? 1));
}
