# Takes half a minute: to see what is left where a migration is ended.
class Slow < ActiveRecord::Migration[6.1]
  def up
    create_table :slow_one
    execute 'select pg_sleep(30)'
    create_table :slow_two
  end

  def down
    drop_table :slow_two
    drop_table :slow_one
  end
end
