-- A run of a flow is approved with its flow; one that was made by hand has an annotation of its own.
local waits = false
if obj.spec.flowRef == nil and obj.status ~= nil then
  for _, condition in ipairs(obj.status.conditions or {}) do
    waits = waits or (condition.type == "Ready" and condition.reason == "AwaitingApproval")
  end
end
return {["approve"] = {["disabled"] = not waits, ["iconClass"] = "fa fa-fw fa-check"}}
