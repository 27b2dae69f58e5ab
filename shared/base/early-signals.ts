/**
 * Lets a daemon live through SIGHUP and SIGUSR2 while it is still starting. Import it early: until
 * somebody listens to them, these signals end a process. What they ask for is not made up for later:
 * the configuration is read at the start anyway.
 */
for (const name of ['SIGHUP', 'SIGUSR2'] as const) process.on(name, () => undefined);
