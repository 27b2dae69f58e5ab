import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseLogConfig } from '../../../shared/telemetry/log-config.ts';

const YAML = `
version: 1
formatters:
  simple: {format: '%(asctime)s %(levelname)s %(name)s: %(message)s'}
  odd: {format: '%(message)s'}
  machine: {class: pythonjsonlogger.jsonlogger.JsonFormatter}
handlers:
  console: {class: logging.StreamHandler, stream: 'ext://sys.stdout', formatter: machine, level: INFO}
  normal: {class: logging.handlers.WatchedFileHandler, filename: /var/log/nodepool/n.log, formatter: odd}
  mail: {class: logging.handlers.SMTPHandler}
loggers:
  nodepool: {level: DEBUG, handlers: [mail, console, normal]}
  kazoo: {level: WARN}
root: {level: ERROR, handlers: []}
`;

const INI = `
# as the documentation has it
[loggers]
keys=root,nodepool,kazoo
[handlers]
keys=console,file
[formatters]
keys=simple
[logger_root]
level=WARNING
handlers=console
[logger_nodepool]
level=DEBUG
handlers=file
qualname=nodepool
[logger_kazoo]
level=INFO
handlers=
qualname=kazoo
[handler_console]
class=StreamHandler
args=(sys.stdout,)
[handler_file]
class=handlers.TimedRotatingFileHandler
level=INFO
formatter=simple
args=('/var/log/nodepool/nodepool.log', 'midnight', 1, 30,)
[formatter_simple]
format=%(asctime)s %(levelname)s %(name)s: %(message)s
`;

describe('parseLogConfig', () => {
  it('takes levels, stream and JSON formatter of a dictConfig, and names the rest', () => {
    const config = parseLogConfig('logging.yaml', YAML);
    assert.equal(config.destination, 'stdout');
    assert.equal(config.format, 'json');
    assert.equal(config.level, 'error');
    // The handler's own level is the floor.
    assert.deepEqual(
      [...config.levels],
      [
        ['nodepool', 'info'],
        ['kazoo', 'warning'],
      ],
    );
    assert.equal(config.warnings.length, 2);
    assert.match(config.warnings[0] ?? '', /mail.*SMTPHandler/);
    assert.match(config.warnings[1] ?? '', /normal.*only one/);
  });

  it('takes levels and the file of a fileConfig', () => {
    const config = parseLogConfig('logging.conf', INI);
    assert.deepEqual(config.destination, { file: '/var/log/nodepool/nodepool.log' });
    assert.equal(config.format, 'text');
    assert.equal(config.levels.get('nodepool'), 'info');
    assert.match(config.warnings.join(), /logrotate/);
  });

  it('goes to standard error where Python does', () => {
    const text =
      '{"handlers": {"h": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["h"]}}';
    assert.equal(parseLogConfig('l.json', text).destination, 'stderr');
    assert.equal(parseLogConfig('l.json', text).level, 'warning');
  });

  it('refuses what is no logging configuration, with a code', () => {
    for (const [path, text] of [
      ['l.yaml', '- a'],
      ['l.yaml', '{'],
      ['l.conf', 'what'],
      ['l.conf', '[handlers]\nkeys='],
    ] as const)
      assert.throws(() => parseLogConfig(path, text), { code: 'NP_LOG_CONFIG' }, text);
  });

  it('gives a configuration or a typed error for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .constant(INI)
            .chain((ini) => fc.subarray(ini.split('\n')).map((lines) => lines.join('\n'))),
        ),
        fc.constantFrom('a.yaml', 'a.json', 'a.ini'),
        (text, path) => {
          try {
            parseLogConfig(path, text);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'NP_LOG_CONFIG');
          }
        },
      ),
    );
  });
});
