/** AWS's SDK is loaded at a call that needs it, which takes time that hand-turned clocks do not know. */
export async function loadSdk(): Promise<void> {
  await Promise.all([
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-ebs'),
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/client-service-quotas'),
    import('@aws-sdk/lib-storage'),
  ]);
}
