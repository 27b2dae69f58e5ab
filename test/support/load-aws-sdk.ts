/** AWS's SDK is loaded by the call that needs it first; that takes more time than tests give a call. */
export async function loadSdk(): Promise<void> {
  await Promise.all([
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-ebs'),
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/client-service-quotas'),
    import('@aws-sdk/lib-storage'),
  ]);
}
