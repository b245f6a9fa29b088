-- The load: one POST, again and again. Arguments: the file of the token, the file of the payload.
-- The request is built once, before the first is sent. The last line printed is for the benchmark to read.
function init(arguments)
    local function content(name)
        local file = assert(io.open(name, "rb"))
        local bytes = file:read("*a")
        file:close()
        return bytes
    end
    wrk.method = "POST"
    wrk.headers["Authorization"] = "Bearer " .. content(arguments[1])
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = content(arguments[2])
end

function done(summary, latency, requests)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format("RESULT %d %d %d %d %d\n",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
