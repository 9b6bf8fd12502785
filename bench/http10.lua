-- wrk speaks HTTP/1.1 unless it is given the bytes.
request = function()
  return "GET " .. wrk.path .. " HTTP/1.0\r\nHost: localhost\r\n\r\n"
end
