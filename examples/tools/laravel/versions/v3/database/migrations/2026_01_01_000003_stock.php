<?php
// Stock, with a mistake: there is no table `wigets`.
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
        Schema::table('wigets', function (Blueprint $table) {
            $table->integer('stock_id')->nullable();
        });
    }

    public function down()
    {
        Schema::table('wigets', function (Blueprint $table) {
            $table->dropColumn('stock_id');
        });
        Schema::drop('stock');
    }
};
