# Writes with redis-rb. What is printed: see run.py.
require "redis"

def say(*words)
  now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :millisecond)
  puts [now, *words].join(" ")
  $stdout.flush
end

def given(name)
  ENV[name].to_s.empty? ? nil : ENV[name]
end

login = { username: given("LOGIN_USER"), password: given("LOGIN_PASSWORD") }
options = {
  host: ENV["GROUP"], role: :master, timeout: 1.0, **login,
  sentinels: ENV["SENTINEL_PORTS"].split.map do |port|
    { host: "127.0.0.1", port: port.to_i, **login }
  end
}
if given("TLS_CA")
  options[:ssl] = true
  options[:ssl_params] = {
    ca_file: ENV["TLS_CA"],
    cert: OpenSSL::X509::Certificate.new(File.read(ENV["TLS_CERT"])),
    key: OpenSSL::PKey.read(File.read(ENV["TLS_KEY"]))
  }
end

redis = Redis.new(**options)
(0..).each do |number|
  begin
    redis.set("#{ENV['CLIENT']}:#{number}", 1)
    say "ok", number
  rescue Redis::BaseError => error
    say "error", error.class, error.message.lines.first.to_s.chomp
  end
  sleep 0.02
end
