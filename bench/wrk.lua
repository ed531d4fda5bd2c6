-- What wrk runs: sends the requests of the file in the first argument in turn, and checks every answer.
-- BENCH_SERVERS: `host port` of the servers, one to each thread.
local threads = {}
local sent = 0
local load

wrong = 0
first_wrong = ''

function setup(thread)
  local servers = {}
  for host, port in string.gmatch(os.getenv('BENCH_SERVERS'), '(%S+) (%S+)') do
    servers[#servers + 1] = { host, port }
  end
  local server = servers[#threads % #servers + 1]
  thread.addr = wrk.lookup(server[1], server[2])[1]
  threads[#threads + 1] = thread
end

function init(args)
  load = dofile(args[1])
  for index, one in ipairs(load.requests) do
    load.requests[index] = wrk.format(one.method, one.path, one.headers, one.body)
  end
end

function request()
  sent = sent % #load.requests + 1
  return load.requests[sent]
end

local function is_good(body)
  if load.texts[body] then return true end
  for _, form in ipairs(load.forms) do
    if #body >= form.least and body:sub(1, #form.from) == form.from and body:sub(-#form.to) == form.to then
      return true
    end
  end
  return false
end

function response(status, headers, body)
  if status == 200 and is_good(body) then return end
  wrong = wrong + 1
  if wrong == 1 then first_wrong = status .. ' ' .. body:sub(1, 300) end
end

function done(summary, latency)
  local errors = summary.errors
  local failed, first = 0, ''
  for _, thread in ipairs(threads) do
    failed = failed + thread:get('wrong')
    if first == '' then first = thread:get('first_wrong') end
  end
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  if first == '' and lost > 0 then first = 'no answer' end
  io.write(string.format(
    '\nDRIVEN %d %.6f %d %.3f %.3f\n%s\n',
    summary.requests, summary.duration / 1e6, failed + lost,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, first))
end
