"""Free ports on loopback."""

import socket

LOOPBACK = "127.0.0.1"


def reserve() -> int:
    """Return a free port that the system hands to nobody else for the next minute.

    A connection that this side closes first leaves the port in TIME_WAIT: it is not given out as a free one, while a
    server that names it (with SO_REUSEADDR, as servers do) may have it at once.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, 0))
        listener.listen(1)
        address = listener.getsockname()
        with socket.create_connection(address) as client:
            accepted, _ = listener.accept()
            accepted.close()
            client.recv(1)
        return int(address[1])


def listen(port: int) -> socket.socket:
    """Return a socket that listens on this port of loopback, or on a free one when it is taken."""
    # Named as TCP: asyncio turns Nagle's algorithm off (40 ms for a small answer) only for sockets that say so.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.bind((LOOPBACK, 0))
    listener.set_inheritable(False)
    return listener
