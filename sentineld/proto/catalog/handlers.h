/* The functions that answer commands: cmd_<name> in commands/, known to the
 * table of commands as HANDLED_BY_<name>. */
#ifndef SENTINELD_PROTO_HANDLERS_H
#define SENTINELD_PROTO_HANDLERS_H

/* clang-format off */
#define COMMAND_HANDLERS(X) \
    X(acl_cat) \
    X(acl_deluser) \
    X(acl_dryrun) \
    X(acl_genpass) \
    X(acl_getuser) \
    X(acl_list) \
    X(acl_load) \
    X(acl_log) \
    X(acl_save) \
    X(acl_setuser) \
    X(acl_users) \
    X(acl_whoami) \
    X(auth) \
    X(client_caching) \
    X(client_getname) \
    X(client_getredir) \
    X(client_id) \
    X(client_info) \
    X(client_kill) \
    X(client_list) \
    X(client_no_evict) \
    X(client_pause) \
    X(client_reply) \
    X(client_setinfo) \
    X(client_setname) \
    X(client_tracking) \
    X(client_trackinginfo) \
    X(client_unblock) \
    X(client_unpause) \
    X(command) \
    X(command_count) \
    X(command_docs) \
    X(command_getkeys) \
    X(command_info) \
    X(command_list) \
    X(hello) \
    X(help) \
    X(info) \
    X(ping) \
    X(psubscribe) \
    X(publish) \
    X(punsubscribe) \
    X(quit) \
    X(role) \
    X(sentinel_accept) \
    X(sentinel_acknowledge) \
    X(sentinel_adopt) \
    X(sentinel_ckquorum) \
    X(sentinel_config) \
    X(sentinel_debug) \
    X(sentinel_failover) \
    X(sentinel_flushconfig) \
    X(sentinel_get) \
    X(sentinel_get_master_addr) \
    X(sentinel_history) \
    X(sentinel_info_cache) \
    X(sentinel_is_master_down) \
    X(sentinel_master) \
    X(sentinel_masters) \
    X(sentinel_monitor) \
    X(sentinel_myid) \
    X(sentinel_pending_scripts) \
    X(sentinel_remove) \
    X(sentinel_replicas) \
    X(sentinel_reset) \
    X(sentinel_sentinels) \
    X(sentinel_set) \
    X(sentinel_simulate_failure) \
    X(shutdown) \
    X(subscribe) \
    X(unsubscribe)
/* clang-format on */

#define HANDLER_CONSTANT(name) HANDLED_BY_##name,
enum command_handler { HANDLED_BY_NONE, COMMAND_HANDLERS(HANDLER_CONSTANT) };

#endif
