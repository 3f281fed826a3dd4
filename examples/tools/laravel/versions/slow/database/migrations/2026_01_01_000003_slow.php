<?php
// Takes half a minute: to see what is left where a migration is ended.
use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;

return new class extends Migration {
    public function up()
    {
        Schema::create('slow_one', function (Blueprint $table) {
            $table->increments('id');
        });
        DB::statement('select pg_sleep(30)');
        Schema::create('slow_two', function (Blueprint $table) {
            $table->increments('id');
        });
    }

    public function down()
    {
        Schema::drop('slow_two');
        Schema::drop('slow_one');
    }
};
