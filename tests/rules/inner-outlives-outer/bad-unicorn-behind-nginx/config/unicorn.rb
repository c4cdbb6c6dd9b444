worker_processes Integer(ENV["WEB_CONCURRENCY"] || 3)
listen "/run/shop/unicorn.sock", backlog: 64
timeout Integer(ENV["UNICORN_TIMEOUT"] || 120)
preload_app true

before_fork do |server, worker|
  timeout 1
end
