class CreateStock < ActiveRecord::Migration[6.1]
  def up
    create_table(:stock) { |t| t.integer :pieces }
    execute 'insert into stock (pieces) values (12)'
    add_column :widgets, :stock_id, :integer
  end

  def down
    remove_column :widgets, :stock_id
    drop_table :stock
  end
end
