<?php
// Stock.
use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;

return new class extends Migration {
    public function up()
    {
        Schema::create('stock', function (Blueprint $table) {
            $table->increments('id');
            $table->integer('pieces');
        });
        DB::table('stock')->insert(['pieces' => 12]);
        Schema::table('widgets', function (Blueprint $table) {
            $table->integer('stock_id')->nullable();
        });
    }

    public function down()
    {
        Schema::table('widgets', function (Blueprint $table) {
            $table->dropColumn('stock_id');
        });
        Schema::drop('stock');
    }
};
