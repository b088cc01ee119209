/* The keys of the native configuration file: one table for the file's top
 * level, one for a group.
 *
 * A row says where a value goes, what values are allowed, what holds when the
 * key is not given, and what it means. Defaults, range checks, the error for
 * an unknown key and the tests that conf/sentineld.conf and its manual page
 * tell the truth all follow from the rows; a new key is one new row (and its
 * paragraphs there, which the tests ask for). */
#include "config.h"

#define MEMBER_SIZE(type, member) sizeof(((struct type *)NULL)->member)
#define MEMBER(type, member) \
    offsetof(struct type, member), MEMBER_SIZE(type, member)
#define TEXT_MAX(type, member) (MEMBER_SIZE(type, member) - 1)

enum { DAY_MS = 24 * 60 * 60 * 1000 };
#define PEBIBYTE (UINT64_C(1) << 50)

static const struct setting_row top_keys[] = {
    {"port", VALUE_NUMBER, MEMBER(conf, port), 0, 65535, "26379",
     "The TCP port that clients and the other supervisors connect to. 0: none, "
     "only tls_port."},
    {"bind", VALUE_BINDS, MEMBER(conf, bind), 0, CONF_MAX_BIND, "[ ]",
     "The addresses to listen on. None: all of this machine's."},
    {"bind_source", VALUE_TEXT, MEMBER(conf, bind_source), 0,
     TEXT_MAX(conf, bind_source), "\"\"",
     "The address that connections to servers and other supervisors come from; "
     "one of IPv4 and one of IPv6, separated by a blank, if there are both. "
     "Empty: the system chooses."},
    {"unix_socket", VALUE_TEXT, MEMBER(conf, unix_socket), 0,
     TEXT_MAX(conf, unix_socket), "\"\"",
     "A path to listen on beside the port, for clients of this machine. Empty: "
     "none."},
    {"unix_socket_mode", VALUE_NUMBER, MEMBER(conf, unix_socket_mode), 0, 511,
     "0",
     "The permissions of that path, as a number: 448 is 0700, 511 is 0777. 0: "
     "as the umask has it."},
    {"protected_mode", VALUE_SWITCH, MEMBER(conf, protected_mode), 0, 0,
     "false",
     "While bind names no address, serve only clients of this machine. The "
     "supervisors of a pool must reach each other, so this is for trying "
     "things out."},
    {"dir", VALUE_TEXT, MEMBER(conf, dir), 1, TEXT_MAX(conf, dir),
     "\"/var/lib/sentineld\"",
     "The directory of the state database. Epochs and votes are in it: it must "
     "survive a restart, and each supervisor has its own."},
    {"logfile", VALUE_TEXT, MEMBER(conf, logfile), 0, TEXT_MAX(conf, logfile),
     "\"\"", "Where log lines go. Empty: to standard output."},
    {"loglevel", VALUE_CHOICE, MEMBER(conf, loglevel), CHOICE_LEVEL, 0,
     "\"notice\"", "How much is logged."},
    {"log_format", VALUE_CHOICE, MEMBER(conf, log_format), CHOICE_FORMAT, 0,
     "\"text\"",
     "Lines as Redis writes them, or one JSON object each with the keys time, "
     "pid, level and message."},
    {"syslog_enabled", VALUE_SWITCH, MEMBER(conf, syslog_enabled), 0, 0,
     "false", "Log lines go to the system's log too."},
    {"syslog_ident", VALUE_TEXT, MEMBER(conf, syslog_ident), 1,
     TEXT_MAX(conf, syslog_ident), "\"sentineld\"",
     "The name that they have there."},
    {"syslog_facility", VALUE_CHOICE, MEMBER(conf, syslog_facility),
     CHOICE_FACILITY, 0, "\"local0\"", "The facility that they belong to."},
    {"daemonize", VALUE_SWITCH, MEMBER(conf, daemonize), 0, 0, "false",
     "Go to the background once everything is ready. A service manager wants "
     "it to stay in the foreground."},
    {"pidfile", VALUE_TEXT, MEMBER(conf, pidfile), 0, TEXT_MAX(conf, pidfile),
     "\"\"", "A file that holds the process id while it runs. Empty: none."},
    {"supervised", VALUE_CHOICE, MEMBER(conf, supervised), CHOICE_SUPERVISED, 0,
     "\"auto\"",
     "Tell systemd when it is ready and that it is alive. auto: when systemd "
     "asks for it."},
    {"user", VALUE_TEXT, MEMBER(conf, user), 0, TEXT_MAX(conf, user), "\"\"",
     "The system's user that a daemon started by root becomes, before it opens "
     "its log, its state and its port. Empty: it stays who it is."},
    {"announce_host", VALUE_HOST, MEMBER(conf, announce_host), 0,
     TEXT_MAX(conf, announce_host), "\"\"",
     "The address that the other supervisors are told to find this one at, "
     "when it is not the one its connections come from (NAT, containers). "
     "Empty: the local end of each connection."},
    {"announce_port", VALUE_NUMBER, MEMBER(conf, announce_port), 0, 65535, "0",
     "The port that goes with it. 0: the value of port; of tls_port, when "
     "tls_peers is true or port is 0."},
    {"resolve_hostnames", VALUE_SWITCH, MEMBER(conf, resolve_hostnames), 0, 0,
     "true",
     "Servers and supervisors may be known by a host name: here, in SENTINEL "
     "MONITOR, and in what servers and supervisors tell. false: by an ip "
     "alone; a name that is known already is looked up as before."},
    {"announce_hostnames", VALUE_SWITCH, MEMBER(conf, announce_hostnames), 0, 0,
     "true",
     "Clients, servers and supervisors are told the host name of a server that "
     "is known by one. false: the ip that the name leads to, or the name while "
     "that is not known."},
    {"max_clients", VALUE_NUMBER, MEMBER(conf, max_clients), 1, 1000000,
     "10000",
     "Connections from clients and other supervisors that are served at the "
     "same time; one more is refused with a message."},
    {"client_timeout_s", VALUE_NUMBER, MEMBER(conf, client_timeout_s), 0,
     INT32_MAX, "0",
     "A client that says nothing for so many seconds is closed, unless it is "
     "subscribed. 0: never."},
    {"tcp_keepalive_s", VALUE_NUMBER, MEMBER(conf, tcp_keepalive_s), 0, 32767,
     "300",
     "The kernel asks clients that are silent for so many seconds whether they "
     "are there. 0: it does not."},
    {"tcp_backlog", VALUE_NUMBER, MEMBER(conf, tcp_backlog), 1, 65535, "511",
     "How many connections may wait to be accepted; the kernel has a limit of "
     "its own."},
    {"acllog_max_len", VALUE_NUMBER, MEMBER(conf, acllog_max_len), 0, 100000,
     "128", "How many refusals are remembered for ACL LOG."},
    {"client_output_limit_bytes", VALUE_NUMBER,
     MEMBER(conf, client_output_limit_bytes), 65536, 1073741824, "33554432",
     "A client that lets more than this wait unread is closed."},
    {"tls_port", VALUE_NUMBER, MEMBER(conf, tls_port), 0, 65535, "0",
     "A port that is served by TLS, beside port or instead of it. 0: none."},
    {"tls_cert_file", VALUE_TEXT, MEMBER(conf, tls.cert_file), 0,
     TEXT_MAX(conf, tls.cert_file), "\"\"",
     "The certificate that clients are shown, in PEM form, with the "
     "intermediate ones behind it. SIGHUP reads this and all the files below "
     "anew."},
    {"tls_key_file", VALUE_TEXT, MEMBER(conf, tls.key_file), 0,
     TEXT_MAX(conf, tls.key_file), "\"\"", "Its private key."},
    {"tls_key_file_pass", VALUE_TEXT, MEMBER(conf, tls.key_file_pass), 0,
     TEXT_MAX(conf, tls.key_file_pass), "\"\"",
     "The password of the key file. Empty: it needs none."},
    {"tls_ca_cert_file", VALUE_TEXT, MEMBER(conf, tls.client.ca_cert_file), 0,
     TEXT_MAX(conf, tls.client.ca_cert_file), "\"\"",
     "The certificates of those who sign the certificates of clients, servers "
     "and other supervisors."},
    {"tls_ca_cert_dir", VALUE_TEXT, MEMBER(conf, tls.client.ca_cert_dir), 0,
     TEXT_MAX(conf, tls.client.ca_cert_dir), "\"\"",
     "The same as a directory that openssl rehash has seen, instead of the "
     "file or beside it."},
    {"tls_auth_clients", VALUE_CHOICE, MEMBER(conf, tls.auth_clients),
     CHOICE_AUTH, 0, "\"yes\"",
     "Whether a client must show a certificate. If optional, one that it shows "
     "must be good."},
    {"tls_servers", VALUE_SWITCH, MEMBER(conf, tls.servers), 0, 0, "false",
     "Connect to the groups' servers by TLS; each group can say otherwise."},
    {"tls_peers", VALUE_SWITCH, MEMBER(conf, tls.peers), 0, 0, "false",
     "Connect to the other supervisors by TLS. The whole pool must agree."},
    {"tls_client_cert_file", VALUE_TEXT, MEMBER(conf, tls.client.cert_file), 0,
     TEXT_MAX(conf, tls.client.cert_file), "\"\"",
     "The certificate that servers and other supervisors are shown. Empty: "
     "tls_cert_file, if there is one."},
    {"tls_client_key_file", VALUE_TEXT, MEMBER(conf, tls.client.key_file), 0,
     TEXT_MAX(conf, tls.client.key_file), "\"\"", "Its private key."},
    {"tls_client_key_file_pass", VALUE_TEXT,
     MEMBER(conf, tls.client.key_file_pass), 0,
     TEXT_MAX(conf, tls.client.key_file_pass), "\"\"",
     "The password of that key file. Empty: it needs none."},
    {"tls_verify_host", VALUE_SWITCH, MEMBER(conf, tls.client.verify_host), 0,
     0, "true",
     "The certificates of servers and other supervisors must be for the "
     "address that we connect to, or for tls_server_name. false: any that the "
     "CA signed will do."},
    {"tls_server_name", VALUE_HOST, MEMBER(conf, tls.client.server_name), 0,
     TEXT_MAX(conf, tls.client.server_name), "\"\"",
     "The name that these certificates have in common. It is asked for in the "
     "handshake, too. Empty: the address that we connect to."},
    {"tls_protocols", VALUE_TEXT, MEMBER(conf, tls.protocols_text), 0,
     TEXT_MAX(conf, tls.protocols_text), "\"TLSv1.2 TLSv1.3\"",
     "The versions that are spoken, separated by blanks: TLSv1, TLSv1.1, "
     "TLSv1.2, TLSv1.3. The first two are broken."},
    {"tls_ciphers", VALUE_TEXT, MEMBER(conf, tls.ciphers), 0,
     TEXT_MAX(conf, tls.ciphers), "\"\"",
     "The ciphers up to TLSv1.2, as openssl ciphers takes them. Empty: "
     "OpenSSL's choice."},
    {"tls_ciphersuites", VALUE_TEXT, MEMBER(conf, tls.ciphersuites), 0,
     TEXT_MAX(conf, tls.ciphersuites), "\"\"",
     "The ciphersuites of TLSv1.3. Empty: OpenSSL's choice."},
    {"tls_prefer_server_ciphers", VALUE_SWITCH,
     MEMBER(conf, tls.prefer_server_ciphers), 0, 0, "false",
     "Choose by our order of ciphers, not by the client's."},
    {"tls_session_caching", VALUE_SWITCH, MEMBER(conf, tls.session_caching), 0,
     0, "true", "Let clients take up an earlier session, which is cheaper."},
    {"tls_session_cache_size", VALUE_NUMBER,
     MEMBER(conf, tls.session_cache_size), 0, INT32_MAX, "20480",
     "How many sessions are remembered. 0: no limit."},
    {"tls_session_cache_timeout_s", VALUE_NUMBER,
     MEMBER(conf, tls.session_cache_timeout_s), 1, 86400, "300",
     "How long a session can be taken up."},
    {"vote_lease_ms", VALUE_NUMBER, MEMBER(conf, vote_lease_ms), 500, 60000,
     "2000",
     "How long a vote binds this supervisor to the candidate it voted for. Use "
     "the same value in the whole pool."},
    {"pool_size", VALUE_NUMBER, MEMBER(conf, pool_size), 0,
     MAX_MEMBERS_PER_GROUP, "0",
     "How many supervisors you run. A majority is never counted of fewer, and "
     "more of them is an alarm. 0: not said; those that are known count."},
    {"deny_scripts_reconfig", VALUE_SWITCH, MEMBER(conf, deny_scripts_reconfig),
     0, 0, "true",
     "Scripts are named here only, not by SENTINEL SET: who can reach the port "
     "cannot choose what runs."},
    {"export_sentinel_conf", VALUE_TEXT, MEMBER(conf, export_sentinel_conf), 0,
     TEXT_MAX(conf, export_sentinel_conf), "\"\"",
     "A file in which Redis' way to note what is known is kept up to date, for "
     "tools that read sentinel.conf back. It has passwords in it. Empty: "
     "none."},
    {"requirepass", VALUE_TEXT, MEMBER(conf, requirepass), 0,
     TEXT_MAX(conf, requirepass), "\"\"",
     "The password of clients and other supervisors that say no user's name. "
     "Empty: none is wanted. Use the same in the whole pool, or say in "
     "sentinel_pass what the others want."},
    {"requirepass_file", VALUE_TEXT, MEMBER(conf, requirepass_file), 0,
     TEXT_MAX(conf, requirepass_file), "\"\"",
     "A file whose first line is that password, instead of requirepass."},
    {"users", VALUE_USERS, offsetof(struct conf, users), 0, 0, ACL_MAX_USERS,
     "( )",
     "Who may connect, each with rules as in Redis' access lists. The user "
     "default is who says no name; unless declared he may do everything. Users "
     "can also be changed at run time with ACL SETUSER."},
    {"aclfile", VALUE_TEXT, MEMBER(conf, acl_file), 0, TEXT_MAX(conf, acl_file),
     "\"\"",
     "A file with the users, one on each line, instead of users; for ACL LOAD "
     "and ACL SAVE."},
    {"sentinel_user", VALUE_TEXT, MEMBER(conf, peer_login.user), 0,
     TEXT_MAX(conf, peer_login.user), "\"\"",
     "The user to log in as at the other supervisors. Empty: with the password "
     "alone."},
    {"sentinel_pass", VALUE_TEXT, MEMBER(conf, peer_login.password), 0,
     TEXT_MAX(conf, peer_login.password), "\"\"",
     "The password for the other supervisors. Empty: requirepass."},
    {"sentinel_pass_file", VALUE_TEXT, MEMBER(conf, peer_password_file), 0,
     TEXT_MAX(conf, peer_password_file), "\"\"",
     "A file whose first line is that password, instead of sentinel_pass."},
    {"groups", VALUE_GROUPS, offsetof(struct conf, groups), 0, 0, MAX_GROUPS,
     "( )",
     "The masters to watch, each with its replicas. Groups can also be added "
     "at run time with SENTINEL MONITOR."},
};

static const struct setting_row user_keys[] = {
    {"name", VALUE_TEXT, MEMBER(conf_user_draft, name), 1,
     TEXT_MAX(conf_user_draft, name), NULL, "The user's name."},
    {"rules", VALUE_TEXT, MEMBER(conf_user_draft, rules), 0,
     TEXT_MAX(conf_user_draft, rules), NULL,
     "What he may do, as words of ACL SETUSER: on, >password or #digest, "
     "+command, +@category, &channel."},
};

static const struct setting_row group_keys[] = {
    {"name", VALUE_NAME, MEMBER(conf_draft, group.name), 1,
     TEXT_MAX(conf_draft, group.name), NULL,
     "The name by which clients ask for this master."},
    {"host", VALUE_HOST, MEMBER(conf_draft, group.master.host), 1,
     TEXT_MAX(conf_draft, group.master.host), NULL,
     "The master's address at the first start. Later the supervisors know "
     "better; the replicas are found through the master."},
    {"port", VALUE_NUMBER, MEMBER(conf_draft, group.master.port), 1, 65535,
     NULL, "The master's port."},
    {"quorum", VALUE_NUMBER, MEMBER(conf_draft, group.settings.quorum), 1,
     MAX_MEMBERS_PER_GROUP, NULL,
     "How many supervisors must find the master down before one of them may "
     "stand for leader. To be elected takes a majority as well."},
    {"down_after_ms", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.down_after_ms), 10, DAY_MS, "30000",
     "A server counts as down after this time without an acceptable reply."},
    {"refused_after_ms", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.refused_after_ms), 0, DAY_MS, "0",
     "The same for a server whose machine refuses connections, because the "
     "process is gone. 0: as down_after_ms, and never more than that."},
    {"busy_after_ms", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.busy_after_ms), 0, DAY_MS, "30000",
     "The same for a server that answers only that it is busy with a script; "
     "then the script is killed, if it can be. 0: as down_after_ms."},
    {"loading_after_ms", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.loading_after_ms), 0, DAY_MS, "0",
     "The same for a server that is loading its data. 0: loading is being "
     "alive."},
    {"reboot_after_ms", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.reboot_after_ms), 0, DAY_MS, "0",
     "The same for a master that was restarted and does not serve yet, since "
     "its restart was seen. 0: as any server."},
    {"detection", VALUE_CHOICE, MEMBER(conf_draft, group.settings.detection),
     CHOICE_DETECTION, 0, "\"witnessed\"",
     "witnessed: a master that the supervisors cannot reach does not count as "
     "down while a majority of its replicas hears from it. ping: it does, as "
     "for Sentinel."},
    {"failover_timeout_ms", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.failover_timeout_ms), 100, DAY_MS,
     "180000",
     "How long a failover waits for the replicas to follow the new master. "
     "Then the rest of them are told at once, and it ends."},
    {"parallel_syncs", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.parallel_syncs), 1, MAX_NODES_PER_GROUP,
     "1", "How many replicas are pointed to a new master at the same time."},
    {"pool_size", VALUE_NUMBER, MEMBER(conf_draft, group.settings.pool_size), 0,
     MAX_MEMBERS_PER_GROUP, "0",
     "pool_size of this group alone. 0: the value above."},
    {"durability", VALUE_NUMBER, MEMBER(conf_draft, group.settings.durability),
     0, MAX_NODES_PER_GROUP - 1, "0",
     "A write that WAIT of so many replicas has confirmed survives every "
     "failover: no replica is promoted before enough of them are cut off and "
     "have answered, however long that takes. 0: whoever answers is enough."},
    {"order", VALUE_CHOICE, MEMBER(conf_draft, group.settings.order),
     CHOICE_ORDER, 0, "\"priority\"",
     "Which replica is promoted. priority: of those with the best "
     "replica-priority the one with most data, as Sentinel does. freshest: the "
     "one with most data, of equal ones that with the best priority."},
    {"max_lag_bytes", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.max_lag_bytes), 0, PEBIBYTE, "0",
     "No replica is promoted that lacks more than so many bytes of what the "
     "old master is known to have had. 0: no limit."},
    {"max_lag_ms", VALUE_NUMBER, MEMBER(conf_draft, group.settings.max_lag_ms),
     0, DAY_MS, "0",
     "No replica is promoted that was last known to be in step so long before "
     "the others. 0: no limit."},
    {"on_empty_master", VALUE_CHOICE,
     MEMBER(conf_draft, group.settings.on_empty_master), CHOICE_ON_EMPTY_MASTER,
     0, "\"failover\"",
     "What to do when the master was restarted and lacks what its replicas "
     "hold. They are kept from it until that is known. failover: promote one "
     "of them. alert: keep them from it and wait for an operator. allow: let "
     "them copy it, whatever it has; and in the last resort an empty server "
     "may become master."},
    {"fencing", VALUE_CHOICE, MEMBER(conf_draft, group.settings.fencing),
     CHOICE_FENCING, 0, "\"off\"",
     "Let the supervisors set min-replicas-to-write and min-replicas-max-lag "
     "of the master, so that it stops by itself when it is cut off. "
     "availability: they ask for fewer when there are fewer. safety: they do "
     "not, and nothing is promoted before a cut-off master has stopped."},
    {"fencing_replicas", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.fencing_replicas), 1,
     MAX_NODES_PER_GROUP - 1, "1", "min-replicas-to-write, with fencing."},
    {"fencing_max_lag_s", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.fencing_max_lag_s), 1, 3600, "2",
     "min-replicas-max-lag, with fencing, in seconds."},
    {"last_resort_ms", VALUE_NUMBER,
     MEMBER(conf_draft, group.settings.last_resort_ms), 0, DAY_MS, "0",
     "So long after a majority of supervisors is up the best server that is "
     "there is promoted, though a better one is missing. 0: 30000, and never "
     "with durability."},
    {"tls", VALUE_SWITCH, MEMBER(conf_draft, tls), 0, 0, "tls_servers",
     "Connect to the group's servers by TLS."},
    {"tls_ca_cert_file", VALUE_TEXT,
     MEMBER(conf_draft, tls_client.ca_cert_file), 0,
     TEXT_MAX(conf_draft, tls_client.ca_cert_file), "\"\"",
     "Who signs the certificates of the group's servers. If this or the "
     "directory is given, both of the values above do not count. Empty: those "
     "above."},
    {"tls_ca_cert_dir", VALUE_TEXT, MEMBER(conf_draft, tls_client.ca_cert_dir),
     0, TEXT_MAX(conf_draft, tls_client.ca_cert_dir), "\"\"",
     "The same as a directory."},
    {"tls_client_cert_file", VALUE_TEXT,
     MEMBER(conf_draft, tls_client.cert_file), 0,
     TEXT_MAX(conf_draft, tls_client.cert_file), "\"\"",
     "The certificate that the group's servers are shown. Empty: the one "
     "above."},
    {"tls_client_key_file", VALUE_TEXT, MEMBER(conf_draft, tls_client.key_file),
     0, TEXT_MAX(conf_draft, tls_client.key_file), "\"\"", "Its private key."},
    {"tls_client_key_file_pass", VALUE_TEXT,
     MEMBER(conf_draft, tls_client.key_file_pass), 0,
     TEXT_MAX(conf_draft, tls_client.key_file_pass), "\"\"",
     "The password of that key file."},
    {"tls_verify_host", VALUE_SWITCH,
     MEMBER(conf_draft, tls_client.verify_host), 0, 0, "tls_verify_host",
     "tls_verify_host of this group alone."},
    {"tls_server_name", VALUE_HOST, MEMBER(conf_draft, tls_client.server_name),
     0, TEXT_MAX(conf_draft, tls_client.server_name), "\"\"",
     "tls_server_name of this group alone. Empty: the value above."},
    {"auth_user", VALUE_TEXT, MEMBER(conf_draft, login.user), 0,
     TEXT_MAX(conf_draft, login.user), "\"\"",
     "The user to log in as on the group's servers. Empty: with the password "
     "alone."},
    {"auth_pass", VALUE_TEXT, MEMBER(conf_draft, login.password), 0,
     TEXT_MAX(conf_draft, login.password), "\"\"",
     "The password for the group's servers. Empty: none is sent."},
    {"auth_pass_file", VALUE_TEXT, MEMBER(conf_draft, password_file), 0,
     TEXT_MAX(conf_draft, password_file), "\"\"",
     "A file whose first line is the password, instead of auth_pass."},
    {"rename_commands", VALUE_RENAMES, MEMBER(conf_draft, renames), 0,
     MAX_RENAMES, "[ ]",
     "Commands that the group's servers know under other names "
     "(rename-command), each as \"COMMAND name\"."},
    {"notification_script", VALUE_TEXT,
     MEMBER(conf_draft, group.settings.notification_script), 0,
     TEXT_MAX(conf_draft, group.settings.notification_script), "\"\"",
     "A program that is started for each warning about the group, with the "
     "event's name and its text as arguments. Empty: none."},
    {"client_reconfig_script", VALUE_TEXT,
     MEMBER(conf_draft, group.settings.client_reconfig_script), 0,
     TEXT_MAX(conf_draft, group.settings.client_reconfig_script), "\"\"",
     "A program that is started when the master has changed, with the group's "
     "name, leader or observer, start, and host and port of the old and of "
     "the new master as arguments. Empty: none."},
};

const struct setting_table daemon_table = {top_keys, sizeof(top_keys) /
                                                         sizeof(top_keys[0])};
const struct setting_table user_table = {user_keys, sizeof(user_keys) /
                                                        sizeof(user_keys[0])};
const struct setting_table group_table = {
    group_keys, sizeof(group_keys) / sizeof(group_keys[0])};
