// Writes with node-redis' createSentinel. What is printed: see run.py.
"use strict";
const { createSentinel } = require("redis");
const fs = require("fs");
const { SENTINEL_PORTS, GROUP, CLIENT, RESP, LOGIN_USER, LOGIN_PASSWORD,
    TLS_CA, TLS_CERT, TLS_KEY } = process.env;

function say(...words) {
    const now = process.hrtime.bigint() / 1000000n;
    fs.writeSync(1, `${now} ${words.join(" ")}\n`);
}

const options = {
    RESP: Number(RESP),
    username: LOGIN_USER || undefined,
    password: LOGIN_PASSWORD || undefined,
    socket: TLS_CA ? {
        tls: true, ca: fs.readFileSync(TLS_CA),
        cert: fs.readFileSync(TLS_CERT), key: fs.readFileSync(TLS_KEY),
    } : undefined,
};

async function main() {
    const sentinel = createSentinel({
        name: GROUP,
        RESP: Number(RESP),
        sentinelRootNodes: SENTINEL_PORTS.split(" ").map(
            (port) => ({ host: "127.0.0.1", port: Number(port) })),
        nodeClientOptions: options,
        sentinelClientOptions: options,
    });
    sentinel.on("error", (error) => say("error", error.message));
    await sentinel.connect();
    for (let number = 0; ; number++) {
        try {
            await sentinel.set(`${CLIENT}:${number}`, "1");
            say("ok", number);
        } catch (error) {
            say("error", error.message);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

main().catch((error) => {
    say("error", error.stack);
    process.exit(1);
});
