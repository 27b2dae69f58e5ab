/** Builds and uploads for tests, by what matters in them. */
import type { BuildRecord, UploadRecord } from '../../../../schemas/records/image.ts';
import type { BuildView, UploadView } from '../../../../shared/rules/images/view.ts';

const login = { username: 'zuul', python_path: 'auto', shell_type: null };

export function build(
  id: string,
  state: BuildRecord['state'],
  at: number,
  more: { readonly formats?: string; readonly uploads?: readonly UploadView[] } = {},
): BuildView {
  const { formats = 'qcow2', uploads = [] } = more;
  return { id, record: { state, state_time: at, formats, ...login }, uploads };
}

export function upload(
  provider: string,
  id: string,
  state: UploadRecord['state'],
  at: number,
): UploadView {
  const record = { state, state_time: at, external_id: null, external_name: null, format: null };
  return { id, provider, record: { ...record, ...login } };
}
