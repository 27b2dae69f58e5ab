/**
 * The registry of error codes: what each means and what an operator does about it.
 *
 * `docs/reference/errors.md` is made from this table, and every error that leaves a room carries one
 * of its codes. Prefixes: ZK_ ZooKeeper, NP_ Nodepool.
 */
export const errorCodes = {
  // ZooKeeper: the connection
  ZK_CONNECTION_LOSS: {
    meaning: 'The connection to ZooKeeper broke before the reply came.',
    remedy:
      'Nothing to do: it is tried again. If it stays, look at the ZooKeeper servers and the network.',
  },
  ZK_SESSION_EXPIRED: {
    meaning: 'ZooKeeper ended the session; all locks and registrations of this process are gone.',
    remedy:
      'Nothing to do: a new session is made. If it repeats, raise zookeeper-timeout or find what stalls the process.',
  },
  ZK_OPERATION_TIMEOUT: {
    meaning: 'ZooKeeper gave no answer within the deadline of the operation.',
    remedy: 'Look at the latency of the ZooKeeper servers.',
  },
  ZK_CLOSED: {
    meaning: 'The client was closed while the operation waited.',
    remedy: 'Nothing to do: the process is stopping.',
  },
  ZK_PROTOCOL: {
    meaning: 'A frame from the server could not be understood; the connection was closed.',
    remedy:
      'See that the address belongs to a ZooKeeper server and that TLS settings of both sides agree.',
  },
  ZK_AUTH_FAILED: {
    meaning: 'The server refused the authentication.',
    remedy: 'Correct the credentials.',
  },
  ZK_TLS: {
    meaning: 'A certificate file could not be read, or the TLS handshake failed.',
    remedy:
      'Check the three files under zookeeper-tls and that the server trusts the client certificate.',
  },
  ZK_CONNECT_STRING: {
    meaning: 'The list of ZooKeeper servers is not valid.',
    remedy: 'Correct zookeeper-servers.',
  },
  ZK_QUEUE_FULL: {
    meaning: 'More requests to ZooKeeper are waiting than the client allows.',
    remedy: 'Look at the latency of the ZooKeeper servers; the call may be made again.',
  },
  ZK_TOO_LARGE: {
    meaning: 'The request is larger than a ZooKeeper server takes.',
    remedy: 'Make the record smaller, or raise jute.maxbuffer on the servers.',
  },
  // ZooKeeper: the answer of the server
  ZK_UNSUPPORTED: {
    meaning: 'The ZooKeeper server does not know the operation.',
    remedy: 'Use ZooKeeper 3.6 or later.',
  },
  ZK_BAD_ARGUMENTS: {
    meaning: 'The arguments of the operation are not valid, such as a malformed path.',
    remedy: 'Read the message; for a configured path correct it, else this is a defect.',
  },
  ZK_NO_NODE: { meaning: 'The znode does not exist.', remedy: 'None: the caller decides.' },
  ZK_NODE_EXISTS: { meaning: 'The znode exists already.', remedy: 'None: the caller decides.' },
  ZK_BAD_VERSION: {
    meaning: 'The znode was changed by somebody else in between.',
    remedy: 'None: the caller reads again and decides anew.',
  },
  ZK_NOT_EMPTY: { meaning: 'The znode has children.', remedy: 'None: the caller decides.' },
  ZK_NO_AUTH: { meaning: 'The session may not do this.', remedy: 'Correct the ACL of the znode.' },
  ZK_SERVER: {
    meaning: 'The server answered with another error.',
    remedy: 'Read the code in the message and the log of the server.',
  },
  ZK_LOCK_LOST: {
    meaning: 'A lock ended with its session while work that it protected was under way.',
    remedy: 'Nothing to do: the work is abandoned and done anew.',
  },
  ZK_LOCK_TIMEOUT: {
    meaning: 'A lock was not obtained in time: somebody else holds it.',
    remedy: 'See who holds it (`nodepool list` shows locked nodes) and try again.',
  },
  // Configuration
  NP_CONFIG_INVALID: {
    meaning: 'The configuration breaks a rule; every place is listed with line and column.',
    remedy: 'Correct the file. The last good configuration stays in force meanwhile.',
  },
  NP_CONFIG_UNREADABLE: {
    meaning: 'A configuration file could not be read.',
    remedy: 'Check that the file exists and that the user of the process may read it.',
  },
  // Processes
  NP_ALREADY_RUNNING: {
    meaning: 'The pid file names a process that runs.',
    remedy: 'Stop that process, or give this one a pid file of its own with -p.',
  },
  NP_PID_FILE: {
    meaning: 'The pid file could not be written.',
    remedy: 'Check that its directory exists and that the user of the process may write there.',
  },
  // Records
  NP_RECORD_CORRUPT: {
    meaning: 'A znode holds what is no record of its kind; it is skipped.',
    remedy: 'Look at the znode named in the message and delete it if nobody needs it.',
  },
  // Providers and launches
  NP_PROVIDER_START: {
    meaning: 'A provider could not start; it is treated as absent and tried again.',
    remedy: 'Read the cause: credentials, network or an option of the provider.',
  },
  NP_CLOUD_QUOTA: {
    meaning: 'The cloud has no quota left for the node; the request waits.',
    remedy: 'Raise the quota, or lower max-servers, max-cores or max-ram to what it allows.',
  },
  NP_CLOUD_CAPACITY: {
    meaning: 'The cloud is out of capacity for this kind of machine.',
    remedy: 'Offer other zones, types or providers.',
  },
  NP_CLOUD_TRANSIENT: {
    meaning: 'The cloud failed; the launch is tried again within launch-retries.',
    remedy: 'Nothing to do unless it repeats; then read the cause.',
  },
  NP_CLOUD_FATAL: {
    meaning: 'The cloud refuses what the configuration asks for.',
    remedy: 'Correct the option that the message names.',
  },
  NP_CLOUD_NOT_FOUND: {
    meaning: 'The cloud does not know the object.',
    remedy: 'None: for a deletion it is success.',
  },
  NP_LAUNCH_TIMEOUT: {
    meaning: 'The node was not usable within launch-timeout.',
    remedy: 'Raise launch-timeout or find what is slow in the cloud.',
  },
  NP_KEYSCAN_FAILED: {
    meaning: 'The host keys of a node could not be read within boot-timeout.',
    remedy: 'See that the node starts its SSH server and that the launcher can reach its port.',
  },
  NP_NODE_CHANGED: {
    meaning: 'A borrowed node was changed by another launcher in between.',
    remedy: 'None: the driver looks again.',
  },
  // Builds of disk images
  NP_BUILD_FAILED: {
    meaning: 'The build failed: diskimage-builder ended with an error, or left no image.',
    remedy: 'Read the log of the build that the message names; it is built again after a pause.',
  },
  NP_BUILD_TIMEOUT: {
    meaning: 'The build was not done within build-timeout and was ended.',
    remedy: 'Raise build-timeout of the image, or see in the log of the build what it waited for.',
  },
  NP_BUILD_RUNNER: {
    meaning: 'The build failed: diskimage-builder could not be started.',
    remedy: 'Install it, name it in dib-cmd, or see that the Docker daemon answers.',
  },
  NP_BUILD_NO_SPACE: {
    meaning: 'There is less room in images-dir than an earlier build of the image took.',
    remedy: 'Make room there; the image is built after a pause.',
  },
  NP_BUILD_LOG: {
    meaning: 'A command cannot get at the log of a build.',
    remedy:
      'Read the message. The web servers of builders listen where extensions: builder: web says, on their own machine alone if it does not say so; Python builders have none.',
  },
  NP_BUILD_INPUTS: {
    meaning: 'What goes into an image cannot be told; it is built by age alone.',
    remedy: 'Correct what the message names, mostly a file among the elements of the image.',
  },
  NP_UPLOAD_HOOK: {
    meaning: 'The post-upload-hook did not end well; the image is deleted in the cloud again.',
    remedy: 'Read what the hook says in the log; the upload is tried again after a pause.',
  },
  // The process
  NP_LOG_FILE: {
    meaning: 'The log file cannot be opened.',
    remedy: 'Make its directory, and let the user of the process write there.',
  },
  NP_LOG_CONFIG: {
    meaning: 'The logging configuration given with -l cannot be used.',
    remedy: 'Correct the file: YAML or JSON as for dictConfig, or ini as for fileConfig.',
  },
  NP_WEB_LISTEN: {
    meaning: 'The web server cannot listen on its address.',
    remedy:
      'Choose another port or address under webapp, for the builder under extensions: builder: web, or start with --no-webapp.',
  },
  NP_INVARIANT: {
    meaning: 'The program found itself in a state that must not be.',
    remedy: 'This is a defect: report it with the log.',
  },
  NP_DRAIN_TARGET: {
    meaning: 'What is to be drained is no provider or launcher, or is both.',
    remedy: 'Correct the name, or say which it is with --provider or --launcher.',
  },
  NP_DRAIN_UNFINISHED: {
    meaning: 'A drain was not over within --timeout, or somebody has ended it.',
    remedy: 'Look at what is left: it goes on. Wait again with the same command.',
  },
  NP_ABORTED: {
    meaning: 'The work was given up on purpose: the process stops, or what it was for is gone.',
    remedy: 'Nothing to do.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type ErrorCode = keyof typeof errorCodes;
