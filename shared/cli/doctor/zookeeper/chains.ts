/** Chains of certificates, from the one that is looked at to an authority. */
import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Those of a text in PEM form. Throws where there is none. */
export function certificatesOf(pem: string): X509Certificate[] {
  const found = (pem.match(CERTIFICATE) ?? []).map((one) => new X509Certificate(one));
  if (found.length === 0) throw new Error('no certificate');
  return found;
}

/** Whether certificates of the chain, or authorities, lead from this one to an authority. */
export function isSigned(
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  const known = [...chain, ...authorities];
  let current = leaf;
  // No chain is longer than the number of its certificates.
  for (let step = 0; step <= known.length; step++) {
    const link = current;
    const isIssuer = (one: X509Certificate): boolean =>
      link.checkIssued(one) && link.verify(one.publicKey);
    if (authorities.some(isIssuer)) return true;
    const next = known.find((one) => one !== link && isIssuer(one));
    if (next === undefined) return false;
    current = next;
  }
  return false;
}

/** A certificate that a peer shows, and those that it shows to prove it. */
export function chainFrom(shown: X509Certificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let one: X509Certificate | undefined = shown; one; one = one.issuerCertificate)
    chain.push(one);
  return chain;
}
