/** What an operator can do about AWS's refusals. Pure. */

/** The part of a refusal that hints go by. */
export interface HintFacts {
  readonly call: string;
  readonly code: string;
  readonly words: string;
  /** `provider one`. */
  readonly section: string;
}

type Hint = (facts: HintFacts) => string;

const HINTS: readonly (readonly [RegExp, Hint])[] = [
  [
    /^(UnauthorizedOperation|AccessDenied(Exception)?|AllAccessDisabled)$/,
    ({ call, section }) =>
      `allow ${call} in a policy of the identity that ${section} uses; CloudTrail shows who it is`,
  ],
  [
    /^(RequestExpired|ExpiredToken)/,
    ({ section }) =>
      `renew the credentials of ${section} (see its profile-name), and see whether the clock of ` +
      'this host is right',
  ],
  [
    /^OptInRequired$/,
    ({ section }) => `enable the region of ${section} (region-name) in the AWS account`,
  ],
  [
    /^(UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|SignatureDoesNotMatch)/,
    ({ section }) =>
      `correct the credentials of ${section} (see its profile-name); a region that has to be ` +
      'enabled first answers so, too',
  ],
  [
    /^(InvalidToken|TokenRefreshRequired|IncompleteSignature|Missing(Auth|Security)|InvalidSig)/,
    ({ section }) => `correct the credentials of ${section} (see its profile-name)`,
  ],
  [/^(RequestTimeTooSkewed|RequestInTheFuture|ClockSkew)/, () => 'set the clock of this host'],
  [/^InvalidKeyPair/, () => 'correct key-name of the label: the region has no such key pair'],
  [/^InvalidSubnet/, () => 'correct subnet-id of the pool'],
  [/^Invalid(Security)?Group/, () => 'correct security-group-id of the pool'],
  [
    /^InvalidInstanceType/,
    ({ section }) => `correct instance-type: the region of ${section} has none of that name`,
  ],
  [/^InvalidAMIID/, () => 'correct image-id, or see who deleted the image'],
  [
    /^InvalidParameterValue$/,
    ({ words }) =>
      /iam ?instance ?profile/i.test(words)
        ? 'correct iam-instance-profile of the label'
        : 'correct the option of the label or the pool that AWS names',
  ],
  [/^NoSuchBucket$/, () => 'correct bucket-name of object-storage, or make the bucket'],
  [
    /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/,
    ({ section }) => `use a bucket in the region of ${section}`,
  ],
  [
    /^InvalidTag/,
    () => 'S3 takes ten tags at most, of letters, digits, spaces and + - = . _ : / @: see tags',
  ],
  [
    /^VcpuLimitExceeded$/,
    ({ section }) => `raise the vCPU quota of the account, or lower the limits of ${section}`,
  ],
];

export function hintFor(facts: HintFacts): string | undefined {
  return HINTS.find(([code]) => code.test(facts.code))?.[1](facts);
}
