"""The settings, and a real pool in each: one master, two replicas, three
supervisors."""

from harness.certificates import Certificates
from harness.lab import Pool

DOWN_AFTER_MS = 1000
POOL_PASSWORD = "pool-secret"
CLIENT_USER, CLIENT_PASSWORD = "app", "app-secret"
# What a client needs of a supervisor; docs/clients.md names these rules.
CLIENT_RULES = (
    "on >%s resetchannels &* +client|setinfo +client|setname +hello +ping"
    " +subscribe +psubscribe +unsubscribe +punsubscribe"
    " +sentinel|get-master-addr-by-name +sentinel|master +sentinel|masters"
    " +sentinel|replicas +sentinel|slaves +sentinel|sentinels"
    % CLIENT_PASSWORD)


class Setting:
    """How clients come in: the same at servers and supervisors."""

    def __init__(self, name, user="", password="", tls=False):
        self.name = name
        self.user = user
        self.password = password
        self.tls = tls


SETTINGS = [
    Setting("plain"),
    Setting("password", password=POOL_PASSWORD),
    Setting("ACL user", user=CLIENT_USER, password=CLIENT_PASSWORD),
    Setting("TLS", tls=True),
]


class ClientsPool(Pool):
    """A pool with the setting in force."""

    def __init__(self, lab, setting):
        self.lab = lab
        self.name = "mymaster"
        self.proxy = None
        self.events = None
        self.setting = setting
        self.certificates = Certificates(lab) if setting.tls else None
        password = POOL_PASSWORD if setting.password else None
        self.master, *self.replicas = [
            lab.prepare_redis(name, password=password, tls=self.certificates,
                              extra=self.server_lines())
            for name in ("m", "r1", "r2")]
        self.master_port = self.master.port
        self.options = lab.group(self.master_port, name=self.name,
                                 down_after_ms=DOWN_AFTER_MS,
                                 auth_pass=password)
        self.supervisors = [
            lab.supervisor("s%d" % number, [self.options],
                           tls=self.certificates,
                           login=("AUTH", password) if password else None,
                           extra=self.supervisor_lines())
            for number in (1, 2, 3)]

    def start(self):
        self.start_servers()
        self.start_supervisors()
        self.wait_ready()
        return self

    def server_lines(self):
        lines = ""
        if self.setting.user:
            lines += "user %s on >%s ~* &* +@all\n" % (CLIENT_USER,
                                                      CLIENT_PASSWORD)
        if self.setting.tls:
            lines += "tls-auth-clients optional\n"
        return lines

    def supervisor_lines(self):
        lines = ""
        if self.setting.password:
            lines += 'requirepass = "%s";\n' % POOL_PASSWORD
        if self.setting.user:
            lines += 'users = ( { name = "%s"; rules = "%s"; } );\n' % (
                CLIENT_USER, CLIENT_RULES)
        if self.setting.tls:
            lines += 'tls_auth_clients = "optional";\n'
        return lines

    def environment(self):
        """What the clients' programs are told."""
        ports = [daemon.tls_port or daemon.port for daemon in self.supervisors]
        tls = self.certificates
        return {
            "SENTINEL_PORTS": " ".join(str(port) for port in ports),
            "GROUP": self.name,
            "LOGIN_USER": self.setting.user,
            "LOGIN_PASSWORD": self.setting.password,
            "TLS_CA": tls.ca if tls else "",
            "TLS_CERT": tls.cert if tls else "",
            "TLS_KEY": tls.key if tls else "",
            # For what takes its authorities from OpenSSL alone.
            "SSL_CERT_FILE": tls.ca if tls else "",
        }

    def become(self, master):
        """This server is the master from now on."""
        self.replicas = self.others(master)
        self.master = master
        self.master_port = master.port
