"""Runs a program on a pseudo-terminal.

Arguments: columns, rows, the program and its arguments. What the program writes goes to stdout as it is.
Each line of stdin is a JSON object: {"type": TEXT}, {"resize": [COLUMNS, ROWS]} or {"signal": NUMBER}.
Ends with the program's exit code.
"""
import fcntl
import json
import os
import pty
import selectors
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))


def obey(line, terminal, child):
    wish = json.loads(line)
    if 'type' in wish:
        os.write(terminal, wish['type'].encode())
    elif 'resize' in wish:
        resize(terminal, *wish['resize'])
    elif 'signal' in wish:
        os.kill(child, wish['signal'])


def main():
    columns, rows, *program = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        # The size must be there before the program looks.
        resize(0, int(columns), int(rows))
        os.execvp(program[0], program)
    sources = selectors.DefaultSelector()
    sources.register(terminal, selectors.EVENT_READ)
    sources.register(0, selectors.EVENT_READ)
    pending = b''
    while True:
        for key, _ in sources.select():
            try:
                data = os.read(key.fd, 65536)
            except OSError:
                data = b''
            if key.fd == 0:
                if not data:
                    sources.unregister(0)
                *lines, pending = (pending + data).split(b'\n')
                for line in lines:
                    obey(line, terminal, child)
            elif data:
                os.write(1, data)
            else:
                _, status = os.waitpid(child, 0)
                sys.exit(os.waitstatus_to_exitcode(status) & 0xff)


main()
