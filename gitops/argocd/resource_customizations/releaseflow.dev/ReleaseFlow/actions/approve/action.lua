-- An approval names what it is for: RUN lets a migration or a contract run, RUN/BeforePromotion lets an image serve.
local status = obj.status or {}
local asks = nil
for _, condition in ipairs(status.conditions or {}) do
  local waits = condition.status ~= "True"
    and (condition.reason == "AwaitingApproval" or condition.reason == "SchemaAhead")
  if waits and asks == nil and status.release ~= nil then
    if condition.type == "Approved" then
      asks = status.release.run .. "/BeforePromotion"
    elseif condition.type == "Contracted" then
      for _, further in ipairs(status.release.furtherRuns or {}) do
        if further.role == "Contract" then
          asks = further.run
        end
      end
    else
      asks = status.release.run
    end
  end
end
if asks == nil then
  error("nothing waits for an approval", 0)
end

obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["releaseflow.dev/approve"] = asks
return obj
