-- Both kinds of releaseflow.dev follow kstatus: status.observedGeneration, and the conditions Ready, Reconciling (on its
-- way, or waiting) and Stalled (a person has to act).
-- https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
local status = obj.status
if status == nil or status.conditions == nil then
  return {status = "Progressing", message = "Waiting for the operator"}
end
if status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "Waiting for the operator to see the newest spec"}
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end
local ready = conditions["Ready"]
if ready == nil then
  return {status = "Progressing", message = "Waiting for the operator"}
end

local health = "Progressing"
if ready.status == "False" then
  health = "Degraded"
elseif ready.status == "True" then
  health = "Healthy"
elseif ready.reason == "AwaitingApproval" or ready.reason == "Suspended" then
  health = "Suspended"
end
if health == "Healthy" and obj.spec.suspend then
  return {status = "Suspended", message = ready.message .. ". Suspended: no further release is started"}
end
return {status = health, message = ready.message}
