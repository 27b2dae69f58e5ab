import assert from 'node:assert/strict';

import { FailureReader } from '../../../shared/build-logs/failure.ts';

function summaryOf(text: string): string | undefined {
  const reader = new FailureReader();
  let second = 10;
  for (const line of text.trim().split('\n')) {
    const stamp = `2026-11-29 08:48:${second++}.390 | `;
    reader.line(`${stamp}${line}`);
  }
  return reader.summary();
}

// As diskimage-builder 3.29 says it, shortened.
const COPIED = `
Copying hooks /elements/tiny/root.d/10-tiny
Copying hooks /elements/broken/install.d/50-broken
dib-run-parts Running /tmp/dib_build.V6/hooks/root.d/10-tiny
+ mkdir /tmp/root
dib-run-parts 10-tiny completed
dib-run-parts ----------------------- PROFILING -----------------------
`;
const CLEANING = `
++ /usr/lib/python3/dist-packages/diskimage_builder/lib/img-functions:run_in_target:59 :   check_break after-error run_in_target bash
+ /usr/lib/python3/dist-packages/diskimage_builder/lib/img-functions:run_in_target:1 :   trap_cleanup
INFO diskimage_builder.block_device.blockdevice [-] State already cleaned
+ /usr/lib/python3/dist-packages/diskimage_builder/lib/img-functions:trap_cleanup:38 :   exit 1
`;

describe('the reason of a failed build', () => {
  it('is the element, the phase, the script and its last words', () => {
    const text = `${COPIED}
dib-run-parts Running /tmp/in_target.d/install.d/50-broken
+ echo about to fail
about to fail
+ false
${CLEANING}`;
    assert.equal(
      summaryOf(text),
      'element broken, install.d, 50-broken: about to fail (last command: false)',
    );
  });

  it('is the exception rather than the last words', () => {
    const text = `${COPIED}
dib-run-parts Running /tmp/in_target.d/install.d/50-broken
Traceback (most recent call last):
ValueError: no such release
+ rc=1
${CLEANING}`;
    assert.equal(
      summaryOf(text),
      'element broken, install.d, 50-broken: ValueError: no such release (last command: rc=1)',
    );
  });

  it('is what a command for the block device has said, not only that there was one', () => {
    assert.equal(
      summaryOf(`
DEBUG diskimage_builder.block_device.utils [-] exec_sudo: mkfs.ext4: Input/output error exec_sudo /usr/lib/python3/dist-packages/diskimage_builder/block_device/utils.py:135
Traceback (most recent call last):
diskimage_builder.block_device.exception.BlockDeviceSetupException: exec_sudo failed
`),
      'diskimage_builder.block_device.exception.BlockDeviceSetupException: exec_sudo failed: mkfs.ext4: Input/output error',
    );
  });

  it('is not what a newer diskimage-builder says of itself', () => {
    // As 3.43 says it, from a virtual environment.
    const own = (place: string, command: string): string =>
      `+ ${`diskimage_builder/lib/${place}`.padEnd(80)} :   ${command}`;
    const text = `${COPIED}
${own('disk-image-create:main:430', 'eval_run_d block-device')}
mkfs.ext4: no room
${own('disk-image-create:main:432', 'check_break')}
${own('disk-image-create:main:1', 'trap_cleanup')}
something else`;
    assert.equal(summaryOf(text), 'mkfs.ext4: no room');
  });

  it('is what was said last where no script runs', () => {
    assert.equal(
      summaryOf(
        `dib-run-parts 10-tiny completed\nqemu-img: error while writing: No space left on device\n${CLEANING}`,
      ),
      'qemu-img: error while writing: No space left on device',
    );
    assert.equal(
      summaryOf(`Traceback (most recent call last):
  File "element_dependencies.py", line 149, in _expand
diskimage_builder.element_dependencies.MissingElementException: Element 'nosuch' not found`),
      `diskimage_builder.element_dependencies.MissingElementException: Element 'nosuch' not found`,
    );
  });

  it('names no element that it does not know, and cuts what is endless', () => {
    const text = `dib-run-parts Running /tmp/in_target.d/install.d/99-x\n${'x'.repeat(1000)}`;
    const summary = summaryOf(text);
    assert.match(summary ?? '', /^install\.d, 99-x: x{300}\.\.\.$/);
  });

  it('is unknown where nothing was said', () => {
    assert.equal(summaryOf(''), undefined);
    assert.equal(summaryOf(CLEANING), undefined);
  });
});
