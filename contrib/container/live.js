#!/usr/bin/env node
/**
 * Health check of the images: whether the web server of the container's daemon answers at
 * NODEPOOL_HEALTH_URL, which is to be set where `webapp` or `extensions: builder: web` name another port
 * or address than the default. With an empty one, for a daemon without web server, all is well.
 */
import { get } from 'node:http';

const url = process.env.NODEPOOL_HEALTH_URL;
if (url) {
  const request = get(url, { timeout: 5000 }, (response) => {
    response.resume();
    if (response.statusCode !== 200) fail(`status ${response.statusCode}`);
  });
  request.on('timeout', () => request.destroy(new Error('no answer')));
  request.on('error', (error) => fail(error.message));
}

function fail(why) {
  console.error(`${url}: ${why}`);
  process.exitCode = 1;
}
