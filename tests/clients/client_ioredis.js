// Writes with ioredis. What is printed: see run.py.
"use strict";
const { Redis } = require("ioredis");
const fs = require("fs");
const { SENTINEL_PORTS, GROUP, CLIENT, RESP, LOGIN_USER, LOGIN_PASSWORD,
    TLS_CA, TLS_CERT, TLS_KEY } = process.env;

function say(...words) {
    const now = process.hrtime.bigint() / 1000000n;
    fs.writeSync(1, `${now} ${words.join(" ")}\n`);
}

const tls = TLS_CA ? {
    ca: fs.readFileSync(TLS_CA), cert: fs.readFileSync(TLS_CERT),
    key: fs.readFileSync(TLS_KEY),
} : undefined;

const redis = new Redis({
    sentinels: SENTINEL_PORTS.split(" ").map(
        (port) => ({ host: "127.0.0.1", port: Number(port) })),
    name: GROUP,
    protocol: Number(RESP),
    username: LOGIN_USER || undefined,
    password: LOGIN_PASSWORD || undefined,
    sentinelUsername: LOGIN_USER || undefined,
    sentinelPassword: LOGIN_PASSWORD || undefined,
    tls, sentinelTLS: tls, enableTLSForSentinelMode: Boolean(tls),
    maxRetriesPerRequest: 2,
});
redis.on("error", (error) => say("error", error.message));

async function main() {
    for (let number = 0; ; number++) {
        try {
            await redis.set(`${CLIENT}:${number}`, 1);
            say("ok", number);
        } catch (error) {
            say("error", error.message);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

main();
