# Writes with Perl's Redis. What is printed: see run.py.
use strict;
use warnings;
use Redis;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC usleep);

$| = 1;

sub say_it {
    my $text = join ' ', @_;
    $text =~ s/\n.*//s;
    printf "%d %s\n", clock_gettime(CLOCK_MONOTONIC) * 1000, $text;
}

my %options = (
    sentinels => [map { "127.0.0.1:$_" } split ' ', $ENV{SENTINEL_PORTS}],
    service => $ENV{GROUP},
    reconnect => 5,
    every => 20_000,
    cnx_timeout => 1,
    read_timeout => 1,
    # Otherwise an unlucky tenth of a second makes a supervisor look dead.
    sentinels_cnx_timeout => 1,
);
if ($ENV{LOGIN_PASSWORD}) {
    $options{$_} = $ENV{LOGIN_PASSWORD} for qw(password sentinels_password);
}
if ($ENV{LOGIN_USER}) {
    $options{$_} = $ENV{LOGIN_USER} for qw(username sentinels_username);
}
if ($ENV{TLS_CA}) {
    require IO::Socket::SSL;
    IO::Socket::SSL::set_defaults(
        SSL_ca_file => $ENV{TLS_CA}, SSL_cert_file => $ENV{TLS_CERT},
        SSL_key_file => $ENV{TLS_KEY});
    $options{$_} = 1 for qw(ssl sentinels_ssl);
}

my $redis;
for (my $number = 0; ; $number++) {
    my $done = eval {
        $redis //= Redis->new(%options);
        $redis->set("$ENV{CLIENT}:$number", 1);
    };
    if ($done) {
        say_it('ok', $number);
    } else {
        say_it('error', $@);
        # It does not ask again by itself when a write is refused.
        undef $redis;
    }
    usleep(20_000);
}
