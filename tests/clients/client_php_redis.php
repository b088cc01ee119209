<?php
// Writes with phpredis: RedisSentinel says where, the program connects.
// What is printed: see run.py.
declare(strict_types=1);

function say(string ...$words): void
{
    $now = intdiv(hrtime(true), 1000000);
    echo $now, ' ', strtok(implode(' ', $words), "\n"), "\n";
}

function login()
{
    $password = getenv('LOGIN_PASSWORD');
    $user = getenv('LOGIN_USER');
    return $user ? [$user, $password] : $password;
}

function find_master(): array
{
    $scheme = getenv('TLS_CA') ? 'tls://' : '';
    foreach (explode(' ', getenv('SENTINEL_PORTS')) as $port) {
        try {
            $where = [$scheme . '127.0.0.1', (int)$port, 1.0, null, 0, 1.0];
            if (login()) {
                $where[] = login();
            }
            $sentinel = new RedisSentinel(...$where);
            $address = $sentinel->getMasterAddrByName(getenv('GROUP'));
            if ($address) {
                return [$scheme . $address[0], (int)$address[1]];
            }
        } catch (RedisException $error) {
            say('error', "sentinel $port:", $error->getMessage());
        }
    }
    throw new RedisException('no sentinel knows the master');
}

function connect_to_master(): Redis
{
    [$host, $port] = find_master();
    $redis = new Redis();
    $redis->connect($host, $port, 1.0, null, 0, 1.0);
    if (login()) {
        $redis->auth(login());
    }
    return $redis;
}

$redis = null;
for ($number = 0; ; $number++) {
    try {
        $redis = $redis ?? connect_to_master();
        if ($redis->set(getenv('CLIENT') . ":$number", '1')) {
            say('ok', (string)$number);
        } else {
            // READONLY is thrown, but some other error replies are not.
            say('error', (string)$redis->getLastError());
            $redis = null;
        }
    } catch (RedisException $error) {
        say('error', $error->getMessage());
        $redis = null;
    }
    usleep(20000);
}
