"""Certificates for a test, made with the openssl command."""

import os
import ssl
import subprocess

from .lab import Skipped

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def _openssl(*words):
    try:
        subprocess.run(["openssl", *words], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        raise Skipped("the openssl command is not installed")


class Certificates:
    """A CA and one certificate for localhost that everybody shows; cert.pem,
    cert.key and ca.pem in a directory. They can be made anew in place."""

    def __init__(self, lab, name="tls"):
        self.directory = os.path.join(lab.directory, name)
        os.makedirs(self.directory)
        self.ca = self.path("ca.pem")
        self.cert = self.path("cert.pem")
        self.key = self.path("cert.key")
        self.make_ca()
        self.issue()

    def path(self, name):
        return os.path.join(self.directory, name)

    def make_ca(self):
        _openssl("req", "-x509", *KEY, "-days", "2", "-subj", "/CN=CA of tests",
                 "-keyout", self.path("ca.key"), "-out", self.ca)

    def issue(self):
        """A new certificate of the same CA, in the same files."""
        request, names = self.path("request"), self.path("names")
        with open(names, "w") as file:
            file.write(NAMES)
        _openssl("req", *KEY, "-subj", "/CN=localhost",
                 "-keyout", self.key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-days", "2",
                 "-CA", self.ca, "-CAkey", self.path("ca.key"),
                 "-CAcreateserial", "-extfile", names, "-out", self.cert)

    def context(self):
        """For a client that shows the certificate and checks the server's."""
        context = ssl.create_default_context(cafile=self.ca)
        context.load_cert_chain(self.cert, self.key)
        return context

    def redis_lines(self):
        return ("tls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\n"
                "tls-replication yes\n" % (self.cert, self.key, self.ca))

    def native_lines(self, tls_port):
        return ('tls_port = %d; tls_cert_file = "%s"; tls_key_file = "%s"; '
                'tls_ca_cert_file = "%s"; tls_servers = true; '
                "tls_peers = true;\n"
                % (tls_port, self.cert, self.key, self.ca))

    def cli(self, port, *words):
        """redis-cli by TLS; what it printed."""
        done = subprocess.run(
            ["redis-cli", "-p", str(port), "--tls", "--cacert", self.ca,
             "--cert", self.cert, "--key", self.key, *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10,
            universal_newlines=True)
        return done.stdout.strip()
