// Node 20 gives the loader of the tests to no thread.
import { register } from 'tsx/esm/api';

register();
await import('../../../shared/config/aside/thread.ts');
