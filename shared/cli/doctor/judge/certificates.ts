/** Whether certificates are valid now and for a while, ours and the servers'. Pure. */
import type { Finding, Severity } from '../model.ts';
import { daysOf, sayDate } from '../words.ts';

const WARN_DAYS = 30;
const PROBLEM_DAYS = 7;
const DAY = 86_400;

export interface CertificateFacts {
  /** A file, or a server as `host:port`. */
  readonly object: string;
  readonly role: 'client certificate' | 'authority' | 'server certificate';
  /** Unix seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export function judgeCertificate(facts: CertificateFacts, nowSeconds: number): Finding[] {
  const { object, role, notBefore, notAfter } = facts;
  const remedy = REMEDIES[role];
  if (nowSeconds < notBefore) {
    const seen = `the ${role} is not valid before ${sayDate(notBefore)}`;
    const wait = 'wait, set the clock of this machine right, or make it anew with an earlier begin';
    return [{ severity: 'problem', code: 'certificate-not-yet-valid', object, seen, remedy: wait }];
  }
  const left = notAfter - nowSeconds;
  if (left <= 0) {
    const seen = `the ${role} expired on ${sayDate(notAfter)}`;
    return [{ severity: 'problem', code: 'certificate-expired', object, seen, remedy }];
  }
  if (left >= WARN_DAYS * DAY) return [];
  const severity: Severity = left < PROBLEM_DAYS * DAY ? 'problem' : 'warning';
  const seen = `the ${role} expires on ${sayDate(notAfter)}, in ${daysOf(left)} days`;
  return [{ severity, code: 'certificate-expires', object, seen, remedy }];
}

const REMEDIES: Readonly<Record<CertificateFacts['role'], string>> = {
  'client certificate':
    'renew it and put it in its place: it is read at the next connection, without a restart',
  authority:
    'make a new authority and give it to all servers and clients beside the old one, then renew their certificates',
  'server certificate': 'renew it in the key store of this ZooKeeper server and restart the server',
};

/** What belongs to our files. */
export interface OwnFilesFacts {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  /** Why a file cannot be read or is no certificate or key, by its path. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
  /** Undefined: could not be looked at. */
  readonly keyMatches: boolean | undefined;
  readonly isSigned: boolean | undefined;
  /** Whether anybody on this machine may read the key. */
  readonly isKeyOpen: boolean;
}

export function judgeOwnFiles(facts: OwnFilesFacts): Finding[] {
  const { cert, key, ca, unreadable, keyMatches, isSigned, isKeyOpen } = facts;
  const findings: Finding[] = unreadable.map(({ file, reason }) => ({
    ...{ severity: 'problem', code: 'certificate-unreadable', object: file, seen: reason },
    remedy: 'let the user of this process read it, a PEM file, as zookeeper-tls names it',
  }));
  if (keyMatches === false)
    findings.push({
      ...{ severity: 'problem', code: 'key-does-not-match', object: key },
      seen: `is not the key of ${cert}`,
      remedy: 'put certificate and key of one pair in their places',
    });
  if (isSigned === false)
    findings.push({
      ...{ severity: 'warning', code: 'certificate-not-signed', object: cert },
      seen: `is not signed by an authority in ${ca}`,
      remedy:
        'servers that trust this authority refuse it: have it signed by this one, or name the right one in zookeeper-tls: ca',
    });
  if (isKeyOpen)
    findings.push({
      ...{ severity: 'warning', code: 'key-open', object: key },
      seen: 'can be read by everybody on this machine',
      remedy: `chmod o-rwx ${key}`,
    });
  return findings;
}

/** What a server shows beside its dates. */
export interface ServerTrustFacts {
  readonly object: string;
  /** As TLS says it; undefined: it is trusted. */
  readonly refusal: string | undefined;
  /** With `verify-hostname` only: why the name does not fit. */
  readonly nameProblem: string | undefined;
}

/** Dates are told by `judgeCertificate`. */
const DATES = /expired|not.yet.valid/i;

export function judgeServerTrust({ object, refusal, nameProblem }: ServerTrustFacts): Finding[] {
  const findings: Finding[] = [];
  if (refusal !== undefined && !DATES.test(refusal))
    findings.push({
      ...{ severity: 'problem', code: 'server-not-trusted', object },
      seen: `its certificate is not trusted: ${refusal}`,
      remedy: 'name the authority that has signed it in zookeeper-tls: ca, or renew it by that one',
    });
  if (nameProblem !== undefined)
    findings.push({
      ...{ severity: 'problem', code: 'server-name', object, seen: nameProblem },
      remedy:
        'make its certificate for this name, or set extensions: zookeeper: verify-hostname: false',
    });
  return findings;
}
