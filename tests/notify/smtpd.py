"""A real SMTP server (aiosmtpd) for one test: demands encryption and a login, and prints what it takes.

Arguments: certificate and key in PEM, and `starttls` or `tls` (encrypted from the first byte on). First line of output: the port. Then one JSON document per mail.
"""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("greylisted@"):
            return "451 4.7.1 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        content = base64.b64encode(envelope.content).decode()
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": content}), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and data.login == b"user" and data.password == b"hunter2"
    return AuthResult(success=known, handled=False)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[1], sys.argv[2])

    implicit = sys.argv[3] == "tls"

    def smtp():
        return SMTP(
            Handler(),
            hostname="localhost",
            tls_context=None if implicit else context,
            require_starttls=not implicit,
            auth_require_tls=not implicit,
            auth_required=True,
            authenticator=authenticate,
        )

    server = await asyncio.get_running_loop().create_server(
        smtp, "127.0.0.1", 0, ssl=context if implicit else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with the test, also when that dies.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
