/* Every setting of the daemon, of a user and of a group: one row each.
 *
 * A row says what its value is called in either file and by SENTINEL SET or
 * CONFIG SET, where it is kept, what it may be, what holds when nobody says
 * anything, and what it means. From the rows follow, without another word about
 * a single setting:
 *
 *   the native file     native_value.c reads it by key, native_print.c prints
 * it
 *                       (--import), conf_changes.c tells what a reload changes
 *   a sentinel.conf     sentinel_conf_server.c and _directives.c read it by
 *                       directive, conf_export.c writes it
 *   SENTINEL SET, GET   a row of a group with a directive; CONFIG GET, SET one
 * of the daemon with a place in that reply (`config`) what people read
 * conf/sentineld.conf, the keys in the manual page, the lists in
 * docs/protocol.md: `make generated`
 *
 * What can be changed while the daemon runs is kept by the core, and on disk:
 * it is a member of struct group_settings or struct daemon_settings too, which
 * have their lists in types.h. Restore, reload and the columns of the database
 * follow from those.
 *
 * So a new setting is: its line in the list of types.h (if it is one of these)
 * or its member in struct conf or conf_draft, its row here, what it does, a
 * row in a test (tests/tools/directive_check.py demands it), and `make
 * generated`.
 *
 * What a row cannot say is a function with a reason: two values that exclude
 * each other (native_group.c, conf_tls.c, conf_users.c), one directive for two
 * settings (tls-replication), lists (bind, rename-command, users). */
#include "proto/config/config.h"

#define MEMBER_SIZE(type, member) sizeof(((struct type *)NULL)->member)
#define MEMBER(type, member) \
    offsetof(struct type, member), MEMBER_SIZE(type, member)
#define TEXT_MAX(type, member) (MEMBER_SIZE(type, member) - 1)

/* Type, place, range. */
#define NUMBER(type, member, least, most) \
    VALUE_NUMBER, MEMBER(type, member), least, most
#define SWITCH(type, member)        VALUE_SWITCH, MEMBER(type, member), 0, 0
#define CHOICE(type, member, words) VALUE_CHOICE, MEMBER(type, member), words, 0
#define TEXT(type, member, least) \
    VALUE_TEXT, MEMBER(type, member), least, TEXT_MAX(type, member)
#define NAME(type, member, least) \
    VALUE_NAME, MEMBER(type, member), least, TEXT_MAX(type, member)
#define HOST(type, member, least) \
    VALUE_HOST, MEMBER(type, member), least, TEXT_MAX(type, member)

/* The same of what the core has of a group. */
#define GROUP_NUMBER(member, least, most) \
    NUMBER(conf_draft, group.settings.member, least, most)
#define GROUP_CHOICE(member, words) \
    CHOICE(conf_draft, group.settings.member, words)
#define GROUP_TEXT(member, least) TEXT(conf_draft, group.settings.member, least)

enum { DAY_MS = 24 * 60 * 60 * 1000 };
#define PEBIBYTE (UINT64_C(1) << 50)

static const struct setting_row daemon_rows[] = {
    {"port", NUMBER(conf, port, 0, 65535), "26379", .directive = "port",
     .flags = ROW_FIXED | ROW_EXPORTED,
     .help = "The TCP port that clients and the other supervisors connect to. "
             "0: none, only tls_port."},
    {"bind", VALUE_BINDS, MEMBER(conf, bind), 0, CONF_MAX_BIND, "[ ]",
     .directive = "bind", .flags = ROW_FIXED | ROW_EXPORTED,
     .help = "The addresses to listen on. None: all of this machine's."},
    {"bind_source", TEXT(conf, bind_source, 0), "\"\"",
     .directive = "bind-source-addr",
     .help = "The address that connections to servers and other supervisors "
             "come from; one of IPv4 and one of IPv6, separated by a blank, if "
             "there are both. Empty: the system chooses."},
    {"unix_socket", TEXT(conf, unix_socket, 0), "\"\"",
     .directive = "unixsocket", .flags = ROW_FIXED | ROW_PATH,
     .help = "A path to listen on beside the port, for clients of this "
             "machine. Empty: none."},
    {"unix_socket_mode", VALUE_MODE, MEMBER(conf, unix_socket_mode), 0, 0,
     "\"\"", .directive = "unixsocketperm", .flags = ROW_FIXED,
     .help = "The permissions of that path, in octal digits: \"0700\". Empty: "
             "0770."},
    {"protected_mode", SWITCH(conf, protected_mode), "false",
     .directive = "protected-mode", .flags = ROW_EXPORTED,
     .help = "While bind names no address, serve only clients of this machine. "
             "The supervisors of a pool must reach each other, so this is for "
             "trying things out."},
    {"dir", TEXT(conf, dir, 1), "\"/var/lib/sentineld\"", .directive = "dir",
     .flags = ROW_FIXED | ROW_EXPORTED, .redis = ".",
     .help = "The directory of the state database. Epochs and votes are in it: "
             "it must survive a restart, and each supervisor has its own."},
    {"logfile", TEXT(conf, logfile, 0), "\"\"", .directive = "logfile",
     .flags = ROW_FIXED | ROW_EXPORTED | ROW_PATH,
     .help = "Where log lines go. Empty: to standard output."},
    {"loglevel", CHOICE(conf, settings.log_level, CHOICE_LEVEL), "\"notice\"",
     .directive = "loglevel", .flags = ROW_EXPORTED, .config = 7,
     .help = "How much is logged."},
    {"log_format", CHOICE(conf, log_format, CHOICE_FORMAT), "\"text\"",
     .flags = ROW_FIXED,
     .help = "Lines as Redis writes them, or one JSON object each with the "
             "keys time, pid, level and message."},
    {"syslog_enabled", SWITCH(conf, syslog_enabled), "false",
     .directive = "syslog-enabled", .flags = ROW_FIXED,
     .help = "Log lines go to the system's log too."},
    {"syslog_ident", TEXT(conf, syslog_ident, 1), "\"sentineld\"",
     .directive = "syslog-ident", .flags = ROW_FIXED, .redis = "redis",
     .help = "The name that they have there."},
    {"syslog_facility", CHOICE(conf, syslog_facility, CHOICE_FACILITY),
     "\"local0\"", .directive = "syslog-facility", .flags = ROW_FIXED,
     .help = "The facility that they belong to."},
    {"daemonize", SWITCH(conf, daemonize), "false", .directive = "daemonize",
     .flags = ROW_FIXED | ROW_EXPORTED,
     .help = "Go to the background once everything is ready. A service manager "
             "wants it to stay in the foreground."},
    {"pidfile", TEXT(conf, pidfile, 0), "\"\"", .directive = "pidfile",
     .flags = ROW_FIXED | ROW_EXPORTED | ROW_PATH,
     .help = "A file that holds the process id while it runs. Empty: none."},
    {"supervised", CHOICE(conf, supervised, CHOICE_SUPERVISED), "\"auto\"",
     .directive = "supervised", .flags = ROW_FIXED, .redis = "no",
     .help = "Tell systemd when it is ready and that it is alive. auto: when "
             "systemd asks for it."},
    {"user", TEXT(conf, user, 0), "\"\"", .flags = ROW_FIXED,
     .help =
         "The system's user that a daemon started by root becomes, before it "
         "opens its log, its state and its port. Empty: it stays who it is."},
    {"announce_host", HOST(conf, settings.announce_host, 0), "\"\"",
     .directive = "announce-ip", .flags = ROW_SENTINEL, .config = 3,
     .help = "The address that the other supervisors are told to find this one "
             "at, when it is not the one its connections come from (NAT, "
             "containers). Empty: the local end of each connection."},
    {"announce_port", NUMBER(conf, settings.announce_port, 0, 65535), "0",
     .directive = "announce-port", .flags = ROW_SENTINEL, .config = 4,
     .help = "The port that goes with it. 0: the value of port; of tls_port, "
             "when tls_peers is true or port is 0."},
    {"resolve_hostnames", SWITCH(conf, settings.resolve_hostnames), "true",
     .directive = "resolve-hostnames", .flags = ROW_SENTINEL, .config = 1,
     .redis = "no",
     .help = "Servers and supervisors may be known by a host name: here, in "
             "SENTINEL MONITOR, and in what servers and supervisors tell. "
             "false: by an ip alone; a name that is known already is looked up "
             "as before."},
    {"announce_hostnames", SWITCH(conf, settings.announce_hostnames), "true",
     .directive = "announce-hostnames", .flags = ROW_SENTINEL, .config = 2,
     .redis = "no",
     .help = "Clients, servers and supervisors are told the host name of a "
             "server that is known by one. false: the ip that the name leads "
             "to, or the name while that is not known."},
    {"max_clients", NUMBER(conf, max_clients, 1, 1000000), "10000",
     .directive = "maxclients", .least = 1, .most = UINT32_MAX,
     .help = "Connections from clients and other supervisors that are served "
             "at the same time; one more is refused with a message."
             " The last ten (but a quarter at most) are kept for connections "
             "from this machine."},
    {"client_timeout_s", NUMBER(conf, client_timeout_s, 0, INT32_MAX), "0",
     .directive = "timeout", .least = 0, .most = INT32_MAX,
     .help = "A client that says nothing for so many seconds is closed, unless "
             "it is subscribed. 0: never."},
    {"tcp_keepalive_s", NUMBER(conf, tcp_keepalive_s, 0, 32767), "300",
     .directive = "tcp-keepalive", .least = 0, .most = INT32_MAX,
     .help = "The kernel asks clients that are silent for so many seconds "
             "whether they are there. 0: it does not."},
    {"tcp_backlog", NUMBER(conf, tcp_backlog, 1, 65535), "511",
     .directive = "tcp-backlog", .least = 0, .most = INT32_MAX,
     .flags = ROW_FIXED,
     .help = "How many connections may wait to be accepted; the kernel has a "
             "limit of its own."},
    {"acllog_max_len", NUMBER(conf, acllog_max_len, 0, 100000), "128",
     .directive = "acllog-max-len", .least = 0, .most = INT64_MAX,
     .help = "How many refusals are remembered for ACL LOG."},
    {"client_output_limit_bytes",
     NUMBER(conf, client_output_limit_bytes, 65536, 1073741824), "33554432",
     .help = "A client that lets more than this wait unread is closed."},
    {"tls_port", NUMBER(conf, tls_port, 0, 65535), "0", .directive = "tls-port",
     .flags = ROW_FIXED | ROW_EXPORTED,
     .help = "A port that is served by TLS, beside port or instead of it. 0: "
             "none."},
    {"tls_cert_file", TEXT(conf, tls.cert_file, 0), "\"\"",
     .directive = "tls-cert-file", .flags = ROW_EXPORTED | ROW_PATH,
     .help = "The certificate that clients are shown, in PEM form, with the "
             "intermediate ones behind it. SIGHUP reads this and all the files "
             "below anew."},
    {"tls_key_file", TEXT(conf, tls.key_file, 0), "\"\"",
     .directive = "tls-key-file", .flags = ROW_EXPORTED | ROW_PATH,
     .help = "Its private key."},
    {"tls_key_file_pass", TEXT(conf, tls.key_file_pass, 0), "\"\"",
     .directive = "tls-key-file-pass", .flags = ROW_SECRET,
     .help = "The password of the key file. Empty: it needs none."},
    {"tls_ca_cert_file", TEXT(conf, tls.client.ca_cert_file, 0), "\"\"",
     .directive = "tls-ca-cert-file", .flags = ROW_EXPORTED | ROW_PATH,
     .help = "The certificates of those who sign the certificates of clients, "
             "servers and other supervisors."},
    {"tls_ca_cert_dir", TEXT(conf, tls.client.ca_cert_dir, 0), "\"\"",
     .directive = "tls-ca-cert-dir", .flags = ROW_EXPORTED | ROW_PATH,
     .help = "The same as a directory that openssl rehash has seen, instead of "
             "the file or beside it."},
    {"tls_auth_clients", CHOICE(conf, tls.auth_clients, CHOICE_AUTH), "\"yes\"",
     .directive = "tls-auth-clients", .flags = ROW_EXPORTED,
     .help = "Whether a client must show a certificate. If optional, one that "
             "it shows must be good."},
    {"tls_servers", SWITCH(conf, tls.servers), "false",
     .directive = "tls-replication", .flags = ROW_EXPORTED,
     .help = "Connect to the groups' servers by TLS; each group can say "
             "otherwise."},
    {"tls_peers", SWITCH(conf, tls.peers), "false",
     .help =
         "Connect to the other supervisors by TLS. The whole pool must agree."},
    {"tls_client_cert_file", TEXT(conf, tls.client.cert_file, 0), "\"\"",
     .directive = "tls-client-cert-file", .flags = ROW_PATH,
     .help = "The certificate that servers and other supervisors are shown. "
             "Empty: tls_cert_file, if there is one."},
    {"tls_client_key_file", TEXT(conf, tls.client.key_file, 0), "\"\"",
     .directive = "tls-client-key-file", .flags = ROW_PATH,
     .help = "Its private key."},
    {"tls_client_key_file_pass", TEXT(conf, tls.client.key_file_pass, 0),
     "\"\"", .directive = "tls-client-key-file-pass", .flags = ROW_SECRET,
     .help = "The password of that key file. Empty: it needs none."},
    {"tls_verify_host", SWITCH(conf, tls.client.verify_host), "true",
     .redis = "no",
     .help = "The certificates of servers and other supervisors must be for "
             "the address that we connect to, or for tls_server_name. false: "
             "any that the CA signed will do."},
    {"tls_server_name", HOST(conf, tls.client.server_name, 0), "\"\"",
     .help = "The name that these certificates have in common. It is asked for "
             "in the handshake, too. Empty: the address that we connect to."},
    {"tls_protocols", TEXT(conf, tls.protocols_text, 0), "\"TLSv1.2 TLSv1.3\"",
     .directive = "tls-protocols",
     .help = "The versions that are spoken, separated by blanks: TLSv1, "
             "TLSv1.1, TLSv1.2, TLSv1.3. The first two are broken."},
    {"tls_ciphers", TEXT(conf, tls.ciphers, 0), "\"\"",
     .directive = "tls-ciphers",
     .help = "The ciphers up to TLSv1.2, as openssl ciphers takes them. Empty: "
             "OpenSSL's choice."},
    {"tls_ciphersuites", TEXT(conf, tls.ciphersuites, 0), "\"\"",
     .directive = "tls-ciphersuites",
     .help = "The ciphersuites of TLSv1.3. Empty: OpenSSL's choice."},
    {"tls_prefer_server_ciphers", SWITCH(conf, tls.prefer_server_ciphers),
     "false", .directive = "tls-prefer-server-ciphers",
     .help = "Choose by our order of ciphers, not by the client's."},
    {"tls_session_caching", SWITCH(conf, tls.session_caching), "true",
     .directive = "tls-session-caching",
     .help = "Let clients take up an earlier session, which is cheaper."},
    {"tls_session_cache_size",
     NUMBER(conf, tls.session_cache_size, 0, INT32_MAX), "20480",
     .directive = "tls-session-cache-size",
     .help = "How many sessions are remembered. 0: no limit."},
    {"tls_session_cache_timeout_s",
     NUMBER(conf, tls.session_cache_timeout_s, 1, 86400), "300",
     .directive = "tls-session-cache-timeout", .least = 1, .most = INT32_MAX,
     .help = "How long a session can be taken up."},
    {"vote_lease_ms", NUMBER(conf, vote_lease_ms, 500, 60000), "2000",
     .flags = ROW_FIXED,
     .help = "How long a vote binds this supervisor to the candidate it voted "
             "for. Use the same value in the whole pool."},
    {"pool_size", NUMBER(conf, pool_size, 0, MAX_VOTERS_PER_GROUP), "0",
     .help = "How many supervisors you run. A majority is never counted of "
             "fewer, and more of them is an alarm. 0: not said; those that are "
             "known count."},
    {"deny_scripts_reconfig", SWITCH(conf, deny_scripts_reconfig), "true",
     .directive = "deny-scripts-reconfig", .flags = ROW_SENTINEL,
     .help = "Scripts are named here only, not by SENTINEL SET: who can reach "
             "the port cannot choose what runs."},
    {"export_sentinel_conf", TEXT(conf, export_sentinel_conf, 0), "\"\"",
     .directive = "export-sentinel-conf", .flags = ROW_FIXED,
     .help = "A file in which Redis' way to note what is known is kept up to "
             "date, for tools that read sentinel.conf back. It has passwords "
             "in it. Empty: none."},
    {"requirepass", TEXT(conf, requirepass, 0), "\"\"",
     .directive = "requirepass", .flags = ROW_SECRET | ROW_EXPORTED,
     .help = "The password of clients and other supervisors that say no user's "
             "name. Empty: none is wanted. Use the same in the whole pool, or "
             "say in sentinel_pass what the others want."},
    {"requirepass_file", TEXT(conf, requirepass_file, 0), "\"\"",
     .help =
         "A file whose first line is that password, instead of requirepass."},
    {"users", VALUE_USERS, offsetof(struct conf, users), 0, 0, ACL_MAX_USERS,
     "( )", .directive = "user", .flags = ROW_SECRET,
     .example =
         "{ name = \"app\"; rules = \"on >secret &* +@all -@dangerous\"; }",
     .help =
         "Who may connect, each with rules as in Redis' access lists. The user "
         "default is who says no name; unless declared he may do everything. "
         "Users can also be changed at run time with ACL SETUSER."},
    {"aclfile", TEXT(conf, acl_file, 0), "\"\"", .directive = "aclfile",
     .flags = ROW_EXPORTED | ROW_PATH,
     .help = "A file with the users, one on each line, instead of users; for "
             "ACL LOAD and ACL SAVE."},
    {"sentinel_user", TEXT(conf, peer_login.user, 0), "\"\"",
     .directive = "sentinel-user", .flags = ROW_SENTINEL | ROW_TOLD,
     .config = 5,
     .help = "The user to log in as at the other supervisors. Empty: with the "
             "password alone."},
    {"sentinel_pass", TEXT(conf, peer_login.password, 0), "\"\"",
     .directive = "sentinel-pass", .flags = ROW_SENTINEL | ROW_SECRET,
     .config = 6,
     .help = "The password for the other supervisors. Empty: requirepass."},
    {"sentinel_pass_file", TEXT(conf, peer_password_file, 0), "\"\"",
     .help =
         "A file whose first line is that password, instead of sentinel_pass."},
    {"defaults", VALUE_DEFAULTS, offsetof(struct conf, groups), 0, 0, 0, "{ }",
     .help = "What a group of this file has if it says nothing else: any keys "
             "of a group but name, host and port. Groups that SENTINEL MONITOR "
             "adds do not have it."},
    {"groups", VALUE_GROUPS, offsetof(struct conf, groups), 0, 0, MAX_GROUPS,
     "( )",
     .help = "The masters to watch, each with its replicas. Groups can also be "
             "added at run time with SENTINEL MONITOR."},
};

static const struct setting_row user_rows[] = {
    {"name", TEXT(conf_user_draft, name, 1), NULL, .help = "The user's name."},
    {"rules", TEXT(conf_user_draft, rules, 0), NULL, .flags = ROW_SECRET,
     .help = "What he may do, as words of ACL SETUSER: on, >password or "
             "#digest, +command, +@category, &channel."},
};

static const struct setting_row group_rows[] = {
    {"name", NAME(conf_draft, group.name, 1), NULL, .example = "\"mymaster\"",
     .help = "The name by which clients ask for this master."},
    {"host", HOST(conf_draft, group.master.host, 1), NULL,
     .example = "\"10.0.0.1\"",
     .help = "The master's address at the first start. Later the supervisors "
             "know better; the replicas are found through the master."},
    {"port", NUMBER(conf_draft, group.master.port, 1, 65535), NULL,
     .example = "6379", .help = "The master's port."},
    {"quorum", GROUP_NUMBER(quorum, 0, MAX_VOTERS_PER_GROUP), "0",
     .directive = "quorum", .least = 1, .most = INT64_MAX,
     .flags = ROW_SET_ALONE, .example = "2",
     .help = "How many supervisors must find the master down before one of "
             "them may stand for leader. To be elected takes a majority as "
             "well. 0: a majority of pool_size, or of the supervisors that are "
             "known if they are more."},
    {"down_after_ms", GROUP_NUMBER(down_after_ms, 10, DAY_MS), "30000",
     .directive = "down-after-milliseconds", .least = 1, .most = INT64_MAX,
     .help = "A server counts as down after this time without an acceptable "
             "reply."},
    {"refused_after_ms", GROUP_NUMBER(refused_after_ms, 0, DAY_MS), "0",
     .directive = "refused-after-milliseconds", .flags = ROW_OURS,
     .help =
         "The same for a server whose machine refuses connections, because the "
         "process is gone. 0: as down_after_ms, and never more than that."},
    {"busy_after_ms", GROUP_NUMBER(busy_after_ms, 0, DAY_MS), "30000",
     .directive = "busy-after-milliseconds", .flags = ROW_OURS,
     .help = "The same for a server that answers only that it is busy with a "
             "script; then the script is killed, if it can be. 0: as "
             "down_after_ms."},
    {"loading_after_ms", GROUP_NUMBER(loading_after_ms, 0, DAY_MS), "0",
     .directive = "loading-after-milliseconds", .flags = ROW_OURS,
     .help = "The same for a server that is loading its data. 0: loading is "
             "being alive."},
    {"reboot_after_ms", GROUP_NUMBER(reboot_after_ms, 0, DAY_MS), "0",
     .directive = "master-reboot-down-after-period",
     .alias = "primary-reboot-down-after-period", .least = 0, .most = INT64_MAX,
     .help = "The same for a master that was restarted and does not serve yet, "
             "since its restart was seen. 0: as any server."},
    {"detection", GROUP_CHOICE(detection, CHOICE_DETECTION), "\"witnessed\"",
     .directive = "detection", .flags = ROW_OURS,
     .help = "witnessed: a master that the supervisors cannot reach does not "
             "count as down while a majority of its replicas hears from it. "
             "ping: it does, as for Sentinel."},
    {"failover_timeout_ms", GROUP_NUMBER(failover_timeout_ms, 100, DAY_MS),
     "180000", .directive = "failover-timeout", .least = 1, .most = INT64_MAX,
     .help = "How long a failover waits for the replicas to follow the new "
             "master. Then the rest of them are told at once, and it ends."},
    {"parallel_syncs", GROUP_NUMBER(parallel_syncs, 1, MAX_NODES_PER_GROUP),
     "1", .directive = "parallel-syncs", .least = INT64_MIN, .most = INT64_MAX,
     .help = "How many replicas are pointed to a new master at the same time."},
    {"pool_size", GROUP_NUMBER(pool_size, 0, MAX_VOTERS_PER_GROUP), "0",
     .directive = "pool-size", .flags = ROW_OURS,
     .help = "pool_size of this group alone. 0: the value above."},
    {"durability", GROUP_NUMBER(durability, 0, MAX_NODES_PER_GROUP - 1), "0",
     .directive = "durability", .flags = ROW_OURS,
     .help = "A write that WAIT of so many replicas has confirmed survives "
             "every failover: no replica is promoted before enough of them are "
             "cut off and have answered, however long that takes. 0: whoever "
             "answers is enough."},
    {"order", GROUP_CHOICE(order, CHOICE_ORDER), "\"priority\"",
     .directive = "order", .flags = ROW_OURS,
     .help =
         "Which replica is promoted. priority: of those with the best "
         "replica-priority the one with most data, as Sentinel does. freshest: "
         "the one with most data, of equal ones that with the best priority."},
    {"max_lag_bytes", GROUP_NUMBER(max_lag_bytes, 0, PEBIBYTE), "0",
     .directive = "max-lag-bytes", .flags = ROW_OURS,
     .help = "No replica is promoted that lacks more than so many bytes of "
             "what the old master is known to have had. 0: no limit."},
    {"max_lag_ms", GROUP_NUMBER(max_lag_ms, 0, DAY_MS), "0",
     .directive = "max-lag-milliseconds", .flags = ROW_OURS,
     .help = "No replica is promoted that was last known to be in step so long "
             "before the others. 0: no limit."},
    {"on_empty_master", GROUP_CHOICE(on_empty_master, CHOICE_ON_EMPTY_MASTER),
     "\"failover\"", .directive = "on-empty-master", .flags = ROW_OURS,
     .help = "What to do when the master was restarted and lacks what its "
             "replicas hold. They are kept from it until that is known. "
             "failover: promote one of them. alert: keep them from it and wait "
             "for an operator. allow: let them copy it, whatever it has; and "
             "in the last resort an empty server may become master."},
    {"fencing", GROUP_CHOICE(fencing, CHOICE_FENCING), "\"off\"",
     .directive = "fencing", .flags = ROW_OURS,
     .help = "Let the supervisors set min-replicas-to-write and "
             "min-replicas-max-lag of the master, so that it stops by itself "
             "when it is cut off. availability: they ask for fewer when there "
             "are fewer. safety: they do not, and nothing is promoted before a "
             "cut-off master has stopped."},
    {"fencing_replicas",
     GROUP_NUMBER(fencing_replicas, 1, MAX_NODES_PER_GROUP - 1), "1",
     .directive = "fencing-replicas", .flags = ROW_OURS,
     .help = "min-replicas-to-write, with fencing."},
    {"fencing_max_lag_s", GROUP_NUMBER(fencing_max_lag_s, 1, 3600), "2",
     .directive = "fencing-max-lag", .flags = ROW_OURS,
     .help = "min-replicas-max-lag, with fencing, in seconds."},
    {"last_resort_ms", GROUP_NUMBER(last_resort_ms, 0, DAY_MS), "0",
     .directive = "last-resort-milliseconds", .flags = ROW_OURS,
     .help = "So long after a majority of supervisors is up the best server "
             "that is there is promoted, though a better one is missing. 0: "
             "30000, and never with durability."},
    {"tls", SWITCH(conf_draft, tls), "tls_servers",
     .help = "Connect to the group's servers by TLS."},
    {"tls_ca_cert_file", TEXT(conf_draft, tls_client.ca_cert_file, 0), "\"\"",
     .help = "Who signs the certificates of the group's servers. If this or "
             "the directory is given, both of the values above do not count. "
             "Empty: those above."},
    {"tls_ca_cert_dir", TEXT(conf_draft, tls_client.ca_cert_dir, 0), "\"\"",
     .help = "The same as a directory."},
    {"tls_client_cert_file", TEXT(conf_draft, tls_client.cert_file, 0), "\"\"",
     .help = "The certificate that the group's servers are shown. Empty: the "
             "one above."},
    {"tls_client_key_file", TEXT(conf_draft, tls_client.key_file, 0), "\"\"",
     .help = "Its private key."},
    {"tls_client_key_file_pass", TEXT(conf_draft, tls_client.key_file_pass, 0),
     "\"\"", .flags = ROW_SECRET, .help = "The password of that key file."},
    {"tls_verify_host", SWITCH(conf_draft, tls_client.verify_host),
     "tls_verify_host", .help = "tls_verify_host of this group alone."},
    {"tls_server_name", HOST(conf_draft, tls_client.server_name, 0), "\"\"",
     .help = "tls_server_name of this group alone. Empty: the value above."},
    {"auth_user", TEXT(conf_draft, login.user, 0), "\"\"",
     .directive = "auth-user", .flags = ROW_TOLD,
     .help = "The user to log in as on the group's servers. Empty: with the "
             "password alone."},
    {"auth_pass", TEXT(conf_draft, login.password, 0), "\"\"",
     .directive = "auth-pass", .flags = ROW_SECRET,
     .help = "The password for the group's servers. Empty: none is sent."},
    {"auth_pass_file", TEXT(conf_draft, password_file, 0), "\"\"",
     .help = "A file whose first line is the password, instead of auth_pass."},
    {"rename_commands", VALUE_RENAMES, MEMBER(conf_draft, renames), 0,
     MAX_RENAMES, "[ ]", .directive = "rename-command",
     .help = "Commands that the group's servers know under other names "
             "(rename-command), each as \"COMMAND name\"."},
    {"notification_script", GROUP_TEXT(notification_script, 0), "\"\"",
     .directive = "notification-script", .flags = ROW_PATH | ROW_TOLD,
     .help = "A program that is started for each warning about the group, with "
             "the event's name and its text as arguments. Empty: none."},
    {"client_reconfig_script", GROUP_TEXT(client_reconfig_script, 0), "\"\"",
     .directive = "client-reconfig-script", .flags = ROW_PATH | ROW_TOLD,
     .help = "A program that is started when the master has changed, with the "
             "group's name, leader or observer, start, and host and port of "
             "the old and of the new master as arguments. Empty: none."},
};

const struct setting_table daemon_table = {
    daemon_rows, sizeof(daemon_rows) / sizeof(daemon_rows[0])};
const struct setting_table user_table = {user_rows, sizeof(user_rows) /
                                                        sizeof(user_rows[0])};
const struct setting_table group_table = {
    group_rows, sizeof(group_rows) / sizeof(group_rows[0])};
